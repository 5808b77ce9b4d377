// The guides run as they stand, with registries of this machine in the place of those that they name.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRegistries } from '@chartferry/core/oci'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseYaml } from '../../packages/core/src/helm/yaml/parse.ts'
import { buildChart } from '../kit/charts.ts'
import { freePort } from '../kit/free-port.ts'
import { layerOf, pushImage } from '../kit/images.ts'
import { runWithoutNetwork } from '../kit/namespace.ts'
import { type RealRegistry, startRealRegistry } from '../kit/real-registries.ts'
import { startRegistry, type TestRegistry } from '../kit/registry.ts'
import { describeWithTools } from '../kit/tools.ts'
import { startUpstream, type TestUpstream } from '../kit/upstream.ts'

const root = join(import.meta.dirname, '../..')

const kubectl = Buffer.alloc(20_000, 'kubectl')

describeWithTools('the guides', ['docker-registry', 'kustomize', 'helm3', 'skopeo', 'unshare'], (tools) => {
  let folder: string
  let source: TestRegistry
  let target: RealRegistry
  let releases: TestUpstream
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartferry-guides-'))
    source = await startRegistry()
    releases = await startUpstream()
    const file = 'release/v1.30.0/bin/linux/amd64/kubectl'
    releases.files.set(file, kubectl)
    releases.files.set(`${file}.sha256`, Buffer.from(createHash('sha256').update(kubectl).digest('hex')))
    target = await startRealRegistry({ command: tools['docker-registry'], kind: 'distribution' })
    const registries = openRegistries()
    for (const tag of ['1.0', '1.1'])
      await pushImage(registries.repository(`${source.host}/acme/web`), { tag, layers: [layerOf(tag, 200)] })
    await registries.close()
    const bin = join(folder, 'bin')
    await mkdir(bin)
    const cli = join(root, 'packages/cli/src/bin.ts')
    const shim = `#!/bin/sh\nexec '${process.execPath}' --conditions=@chartferry/source '${cli}' "$@"\n`
    await writeFile(join(bin, 'chartferry'), shim)
    await chmod(join(bin, 'chartferry'), 0o755)
    await symlink(tools.kustomize, join(bin, 'kustomize'))
    await symlink(tools.helm3, join(bin, 'helm'))
  }, 60_000)
  afterAll(async () => {
    await target.close()
    await releases.close()
    await source.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** A folder with what the guides have: two versions of a chart, and a manifest. */
  async function prepare(): Promise<string> {
    const place = await mkdtemp(join(folder, 'run-'))
    await writeFile(
      join(place, 'k8s.yaml'),
      `apiVersion: v1\nkind: Pod\nmetadata: {name: extra} # by hand\nspec: {containers: [{name: a, image: "${source.host}/acme/web:1.1"}]}\n`,
    )
    for (const [version, tag] of [
      ['1.0.0', '1.0'],
      ['1.1.0', '1.1'],
    ] as const) {
      const values = `image: ${source.host}/acme/web:${tag}\n`
      const web =
        'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {a: b}}\n  template:\n    metadata: {labels: {a: b}}\n    spec: {containers: [{name: a, image: "{{ .Values.image }}"}]}\n'
      const chart = await buildChart({ name: 'web', version, values, templates: { 'web.yaml': web } })
      await writeFile(join(place, `web-${version}.tgz`), chart)
    }
    return place
  }

  const blocksOf = async (guide: string): Promise<readonly string[]> => {
    const text = await readFile(join(root, 'docs/guides', guide), 'utf8')
    return [...text.matchAll(/```sh\n(.*?)```/gs)].map(([, block = '']) => block)
  }

  /** Runs every block of shell of a guide in one folder; gives what each printed. */
  async function follow(guide: string): Promise<readonly string[]> {
    const place = await prepare()
    const printed: string[] = []
    for (const block of await blocksOf(guide)) {
      const here = block.replaceAll('registry.corp:5000', target.host).replaceAll('https://dl.k8s.io', releases.url)
      const { code, output, errors } = await shell(here, place)
      expect(code, `${guide}\n${block}\n${output}\n${errors}`).toBe(0)
      printed.push(output)
    }
    return printed
  }

  const env = (): NodeJS.ProcessEnv => ({
    ...process.env,
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
    NO_COLOR: '1',
  })

  function shell(
    script: string,
    cwd: string,
  ): Promise<{ readonly code: number; readonly output: string; readonly errors: string }> {
    return new Promise((done) => {
      const child = spawn('/bin/sh', ['-ec', script], { cwd, env: env(), stdio: ['ignore', 'pipe', 'pipe'] })
      let output = ''
      let errors = ''
      child.stdout.on('data', (piece: Buffer) => {
        output += piece.toString()
      })
      child.stderr.on('data', (piece: Buffer) => {
        errors += piece.toString()
      })
      child.on('close', (code) => done({ code: code ?? 1, output, errors }))
    })
  }

  it('kots.md: images come from the private registry, an update keeps the patch, a download restores', async () => {
    const [, built, updated, restored] = await follow('kots.md')
    expect(built).toContain(`image: ${target.host}/shop/web:1.0`)
    expect(built).toContain('replicas: 3')
    expect(updated).toMatch(/web:1\.0 .*dropped/)
    expect(updated).toContain(`image: ${target.host}/shop/web:1.1`)
    expect(updated).toContain('replicas: 3')
    expect(restored).toContain(`image: ${target.host}/shop/web:1.1`)
    expect(restored).toContain('replicas: 3')
  }, 240_000)

  it('kops.md: the list in three forms, field by field, and what is copied', async () => {
    const [plain, table, proxied, asYaml, asJson, copied] = await follow('kops.md')
    const sha = createHash('sha256').update(kubectl).digest('hex')
    const path = 'release/v1.30.0/bin/linux/amd64/kubectl'
    const image = `${source.host}/acme/web:1.0`
    const flat = `${target.host}/kops/${source.host.replace(':', '-')}-acme-web:1.0`
    const download = `https://s3.eu-west-1.amazonaws.com/assets/kops/${path}`
    const rows = (text = ''): readonly string[] => text.split('\n').map((line) => line.replaceAll(/ +/g, ' ').trim())
    const canonical = `${releases.url}/${path}`
    expect(rows(plain)).toEqual(expect.arrayContaining([`${image} ${image}`, `${canonical} ${canonical} ${sha}`]))
    expect(rows(table)).toEqual(expect.arrayContaining([`${image} ${flat}`, `${canonical} ${download} ${sha}`]))
    expect(rows(proxied)).toContain(`${image} ${target.host}/kops/acme/web:1.0`)
    const list = { images: [{ canonical: image, download: flat }], files: [{ canonical, download, sha }] }
    expect(JSON.parse(asJson ?? '')).toEqual(list)
    expect(parseYaml(asYaml ?? '')).toEqual(list)
    expect(copied).toContain(`${sha}  kubectl`)
  }, 240_000)

  const registryAt = async (place: string, address: string): Promise<string> => {
    const config = {
      version: 0.1,
      storage: { filesystem: { rootdirectory: join(place, 'data') } },
      http: { addr: address },
    }
    await writeFile(join(place, 'registry.json'), JSON.stringify(config))
    return `'${tools['docker-registry']}' serve registry.json >registry.log 2>&1 &\ncurl --silent --retry 40 --retry-connrefused http://${address}/v2/\n`
  }

  it('air-gapped.md: where no route leads out, from a registry and from the file itself', async () => {
    const place = await prepare()
    const [near = '', ...far] = await blocksOf('air-gapped.md')
    const made = await shell(near, place)
    expect(made.code, made.errors).toBe(0)
    const registry = '127.0.0.1:5000'
    const script = [await registryAt(place, registry), ...far]
      .join('\n')
      .replaceAll('registry.plant.local:5000', registry)
    const apart = `if curl --silent http://${source.host}/v2/; then echo not apart; exit 9; fi\n`
    const { code, output, errors } = await runWithoutNetwork(apart + script, { cwd: place, env: env() })
    expect(code, `${output}\n${errors}`).toBe(0)
    expect(output).toContain(`image: "${registry}/shop/acme/web:1.0"`)
    expect(output).toContain(
      `{name: extra} # by hand\nspec: {containers: [{name: a, image: "${registry}/shop/acme/web:1.1"}]}`,
    )
    expect(output.match(/✔ blobs/g)).toHaveLength(2)
  }, 240_000)

  it('locally-connected.md: the site has what the gateway left in the registry', async () => {
    const place = await prepare()
    const [near = '', far = ''] = await blocksOf('locally-connected.md')
    const host = `127.0.0.1:${await freePort()}`
    const here = (block: string): string => block.replaceAll('registry.corp:5000', host)
    const registry = await registryAt(place, host)
    const made = await shell(`${registry}trap 'kill $!' EXIT\n${here(near)}`, place)
    expect(made.code, made.errors).toBe(0)
    const { code, output, errors } = await runWithoutNetwork(registry + here(far), { cwd: place, env: env() })
    expect(code, `${output}\n${errors}`).toBe(0)
    expect(output).toContain(`image: "${host}/site/acme/web:1.0"`)
    expect(output).toContain(`image: "${host}/site/acme/web:1.1"`)
    expect(output).toContain('✔ blobs')
  }, 240_000)

  it('fully-connected.md: a server between, by its own name and as a mirror', async () => {
    const place = await prepare()
    const port = `127.0.0.1:${await freePort()}`
    const here = (block: string): string =>
      block.replaceAll('127.0.0.1:8095', port).replace('quay.io: {}', `quay.io: { host: '${source.host}' }`)
    const [server = '', mirror = '', relocated = ''] = (await blocksOf('fully-connected.md')).map(here)
    const script = `${server.replace('serve &', "serve &\ntrap 'kill $!' EXIT")}${mirror}${relocated}`
    const { code, output, errors } = await shell(script, place)
    expect(code, `${output}\n${errors}`).toBe(0)
    expect(output).toContain('✔ blobs')
    expect(output).toContain(`[host."http://${port}/v2/quay.io"]`)
    expect(output).toContain(`image: "${port}/${source.host.replace(':', '-')}/acme/web:1.0"`)
  }, 240_000)

  it('one-name.md: a name by the hosts file, by an address of the cluster, and what CoreDNS is told', async () => {
    const place = await prepare()
    const made = await shell('chartferry bundle create web-1.0.0.tgz --file shop.ferry', place)
    expect(made.code, made.errors).toBe(0)
    const [diff = '', byHosts = '', outside = '', service = '', byClusterIp = '', http = '', doctor = ''] =
      await blocksOf('one-name.md')
    const printed = async (block: string): Promise<string> => {
      const { code, output, errors } = await shell(block, place)
      expect(code, `${block}\n${output}\n${errors}`).toBe(0)
      return output
    }
    expect(await printed(diff)).toContain('registry.local:5000/mirror/acme/web:1.0')
    expect(await printed(outside)).toMatch(/hosts \{\n\s+10\.0\.0\.5 registry\.local\n/)
    expect(await printed(service)).toContain(
      'rewrite name exact registry.local registry.registries.svc.cluster.local. answer auto',
    )
    expect(await printed(http)).toContain('insecure = true')
    const pull =
      'skopeo --override-os linux inspect --tls-verify=false docker://registry.local:5000/mirror/acme/web:1.0'
    for (const [block, address] of [
      [byHosts, '10.0.0.5'],
      [byClusterIp, '10.96.0.17'],
    ] as const) {
      const line = await printed(block)
      expect(line).toBe(`${address} registry.local\n`)
      const hosts = join(place, 'hosts')
      await writeFile(hosts, line)
      const push = 'chartferry bundle push shop.ferry --to registry.local:5000/mirror --plain-http'
      const script = [await registryAt(place, `${address}:5000`), push, doctor, pull].join('\n')
      const { code, output, errors } = await runWithoutNetwork(script, {
        cwd: place,
        env: env(),
        addresses: [address],
        hosts,
      })
      expect(code, `${output}\n${errors}`).toBe(0)
      expect(output).toContain('✔ blobs')
      expect(output).toContain('"Name": "registry.local:5000/mirror/acme/web"')
    }
  }, 240_000)

  it('without-editing.md: each way names the private registry', async () => {
    const [, byValues, byKustomize, behindHelm, behindOurs, byNodes, doctor] = await follow('without-editing.md')
    for (const text of [byValues, byKustomize, behindHelm, behindOurs]) {
      expect(text).toContain(`${target.host}/mirror/acme/web:1.0`)
      expect(text).not.toContain(source.host)
    }
    expect(byNodes).toContain('kind: DaemonSet')
    expect(doctor).toContain('✔ blobs')
  }, 240_000)
})
