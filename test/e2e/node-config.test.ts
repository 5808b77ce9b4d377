// What `chartferry node-config` writes for the nodes of a server.
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseYaml } from '@chartferry/core/helm'
import { openRegistries } from '@chartferry/core/oci'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CommandRun, runChartferry } from '../kit/command.ts'
import { type Containerd, openContainerd } from '../kit/containerd.ts'
import { layerOf, pushImage } from '../kit/images.ts'
import { startRegistry, type TestRegistry } from '../kit/registry.ts'
import { describeWithTools } from '../kit/tools.ts'

const server = 'http://10.0.0.5:8080'
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartferry-nodes-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const nodeConfig = (format: string, ...flags: readonly string[]): Promise<CommandRun> =>
  runChartferry(['node-config', '--format', format, ...flags])
const printed = async (format: string, ...flags: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await nodeConfig(format, '--server', server, ...flags)
  expect(code, stderr).toBe(0)
  return stdout
}

describe('chartferry node-config', () => {
  it('says how the server itself is spoken to, and what it mirrors', async () => {
    expect(await printed('containers', '--registry', 'docker.io=hub')).toBe(`[[registry]]
prefix = "10.0.0.5:8080"
location = "10.0.0.5:8080"
insecure = true

[[registry]]
prefix = "docker.io"
location = "docker.io"

[[registry.mirror]]
location = "10.0.0.5:8080/hub"
insecure = true
`)
    expect(JSON.parse(await printed('docker', '--registry', 'docker.io'))).toEqual({
      'registry-mirrors': [server],
      'insecure-registries': ['10.0.0.5:8080'],
    })
    expect(JSON.parse(JSON.stringify(parseYaml(await printed('registries', '--registry', 'docker.io=hub'))))).toEqual({
      mirrors: {
        '10.0.0.5:8080': { endpoint: [server] },
        'docker.io': { endpoint: [server], rewrite: { '^(.*)$': 'hub/$1' } },
      },
    })
  })

  it('gives the server a name: in /etc/hosts, in CoreDNS', async () => {
    expect(await printed('etc-hosts', '--name', 'registry.local')).toBe('10.0.0.5 registry.local\n')
    expect(await printed('coredns', '--name', 'registry.local')).toBe(
      'hosts {\n    10.0.0.5 registry.local\n    fallthrough\n}\n',
    )
    expect(await printed('coredns', '--name', 'registry.local', '--address', 'web.shop.svc.cluster.local')).toBe(
      'rewrite name exact registry.local web.shop.svc.cluster.local. answer auto\n',
    )
    expect((await nodeConfig('etc-hosts', '--server', 'http://web', '--name', 'x')).code).toBe(2)
  })

  it('reads the URL of the server from its configuration', async () => {
    const file = join(folder, 'server.yaml')
    await writeFile(file, 'publicUrl: https://charts.corp\nrepositories: {local: {kind: hosted}}\n')
    const { stdout, stderr } = await nodeConfig('registries', '--config', file)
    expect(stdout, stderr).toContain('https://charts.corp')
    await writeFile(file, 'repositories: {local: {kind: hosted}}\n')
    expect((await nodeConfig('registries', '--config', file)).stderr).toContain('it has no publicUrl')
    expect((await nodeConfig('registries')).stderr).toContain('Give --server URL, or --server-config FILE')
  })

  it('names what Docker cannot be told', async () => {
    const { code, stderr } = await nodeConfig('docker', '--server', server, '--registry', 'quay.io')
    expect([code, stderr]).toEqual([7, expect.stringContaining('quay.io: dockerd has mirrors of Docker Hub alone')])
  })

  it('has a DaemonSet whose script puts each file where containerd looks', async () => {
    const text = await printed('daemonset', '--registry', 'docker.io=hub', '--registry', 'quay.io:8443')
    const [config, set] = text.split(/^---$/m).map((part) => parseYaml(part) as Record<string, never>)
    const data = (config as unknown as { data: Record<string, string> }).data
    const spec = (set as unknown as { spec: { template: { spec: { initContainers: { command: string[] }[] } } } }).spec
    const script = spec.template.spec.initContainers[0]?.command[2] ?? ''
    await mkdir(join(folder, 'config'))
    for (const [name, content] of Object.entries(data)) await writeFile(join(folder, 'config', name), content)
    execFileSync('/bin/sh', ['-c', script.replaceAll(/'\/(config|certs\.d)/g, `'${folder}/$1`)])
    expect(await readFile(join(folder, 'certs.d/docker.io/hosts.toml'), 'utf8')).toContain(`[host."${server}/v2/hub"]`)
    expect(await readFile(join(folder, 'certs.d/quay.io_8443_/hosts.toml'), 'utf8')).toContain(
      'server = "https://quay.io:8443"',
    )
    expect(await readFile(join(folder, 'certs.d/10.0.0.5_8080_/hosts.toml'), 'utf8')).toContain(`server = "${server}"`)
  })
})

describeWithTools('a node with containerd', ['containerd', 'ctr'], (tools) => {
  let registry: TestRegistry
  let daemon: Containerd
  beforeAll(async () => {
    registry = await startRegistry()
    const registries = openRegistries()
    await pushImage(registries.repository(`${registry.host}/acme/web`), { tag: '1', layers: [layerOf('web', 100)] })
    await registries.close()
    daemon = await openContainerd(tools)
  }, 60_000)
  afterAll(async () => {
    await daemon?.close()
    await registry?.close()
  })

  it('pulls by the name of the server, and by the name of a registry that it mirrors', async () => {
    const certs = join(folder, 'node')
    const flags = ['--server', `http://${registry.host}`, '--registry', 'quay.io', '--mirror-only', '-d', certs]
    expect((await nodeConfig('hosts', ...flags)).code).toBe(0)
    await daemon.fetch(`${registry.host}/acme/web:1`, certs)
    await daemon.fetch('quay.io/acme/web:1', certs)
    await expect(daemon.fetch('quay.io/acme/none:1', certs)).rejects.toThrow(/not found/)
  })
})
