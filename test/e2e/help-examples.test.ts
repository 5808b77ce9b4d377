// The examples in the help of the commands that reach registries run as they stand, but for the names of places.
import { spawn } from 'node:child_process'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRegistries } from '@chartferry/core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildChart } from '../kit/charts.ts'
import { runChartferry } from '../kit/command.ts'
import { layerOf, pushImage } from '../kit/images.ts'
import { startRegistry, type TestRegistry } from '../kit/registry.ts'
import { startServer, type TestServer } from '../kit/server.ts'
import { describeWithTools } from '../kit/tools.ts'
import { startUpstream, type TestUpstream } from '../kit/upstream.ts'

const bin = join(import.meta.dirname, '../../packages/cli/src/bin.ts')
const commands = [
  'lock',
  'update',
  'copy',
  'assets',
  'assets list',
  'assets copy',
  'push',
  'pull',
  'login',
  'logout',
  'plan',
]

async function examplesOf(command: string): Promise<string[]> {
  const { stdout } = await runChartferry([...command.split(' '), '--help'])
  return [...stdout.matchAll(/^ {2}\$ (chartferry .*)$/gm)].map((match) => match[1] ?? '')
}

describeWithTools('the examples of --help', ['helm3'], (tools) => {
  let folder: string
  let registry: TestRegistry
  let upstream: TestUpstream
  let server: TestServer
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartferry-examples-'))
    registry = await startRegistry()
    upstream = await startUpstream([{ name: 'kube-prometheus-stack' }])
    server = await startServer()
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const client = openRegistries()
    const place = client.repository(`${registry.host}/prometheus/prometheus`)
    const image = await pushImage(place, { layers: [layerOf('app', 1000)], tag: 'v3.5.0' })
    const payload = Buffer.from(JSON.stringify({ critical: { image: { 'docker-manifest-digest': image.digest } } }))
    await pushImage(place, {
      tag: `${image.digest.replace(':', '-')}.sig`,
      layers: [payload],
      layerType: 'application/vnd.dev.cosign.simplesigning.v1+json',
      layerAnnotations: {
        'dev.cosignproject.cosign/signature': sign('sha256', payload, privateKey).toString('base64'),
      },
    })
    await client.close()
    const name = `${registry.host}/prometheus/prometheus:v3.5.0`
    const templates = {
      'pod.yaml': `apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: ${name}}]}\n`,
    }
    upstream.files.set('release/kubectl', Buffer.from('kubectl'))
    const files = {
      'chartferry.yaml': `target: ${registry.host}/mirror\nimages: ["${name}"]\n`,
      'files.txt': `${upstream.url}/release/kubectl ${createHash('sha256').update('kubectl').digest('hex')}\n`,
      'web-1.0.0.tgz': await buildChart({ name: 'web', templates }),
      'plan.json': JSON.stringify({ images: [{ from: name, to: `${registry.host}/planned:v1`, rendered: true }] }),
      'cosign.pub': publicKey.export({ type: 'spki', format: 'pem' }),
      'password.txt': 'secret\n',
      'repositories.yaml': `repositories: [{name: prometheus, url: "${upstream.url}"}]\n`,
    }
    for (const [file, content] of Object.entries(files)) await writeFile(join(folder, file), content)
  }, 60_000)
  afterAll(async () => {
    await server.close()
    await upstream.close()
    await registry.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('are there for every command, and each ends well', async () => {
    for (const command of commands) {
      const examples = await examplesOf(command)
      expect(examples.length, command).toBeGreaterThan(0)
      for (const example of examples) {
        const line = example
          .replaceAll('registry.corp:5000', registry.host)
          .replaceAll('quay.io/', `${registry.host}/`)
          .replaceAll('http://127.0.0.1:8080', server.url)
          .replace(/^chartferry/, `"${process.execPath}" --conditions=@chartferry/source "${bin}"`)
        const { code, output } = await runLine(line)
        expect(code, `${example}\n${output}`).toBe(0)
      }
    }
    expect(registry.repositories.get('mirror/prometheus/prometheus')?.tags.has('v3.5.0')).toBe(true)
    expect(registry.repositories.get('planned')?.tags.has('v1')).toBe(true)
    expect(registry.repositories.get('charts/web')?.tags.has('1.0.0')).toBe(true)
    expect((await server.ask('/local/index.yaml')).body.toString()).toContain('web-1.0.0.tgz')
  }, 180_000)

  function runLine(line: string): Promise<{ readonly code: number; readonly output: string }> {
    const env = {
      ...process.env,
      HOME: folder,
      XDG_CACHE_HOME: join(folder, 'cache'),
      HELM_BIN: tools.helm3,
      HELM_REGISTRY_CONFIG: join(folder, 'registry.json'),
      HELM_REPOSITORY_CONFIG: join(folder, 'repositories.yaml'),
    }
    return new Promise((done) => {
      const child = spawn('/bin/sh', ['-c', line], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
      let output = ''
      const take = (piece: Buffer): void => {
        output += piece.toString()
      }
      child.stdout.on('data', take)
      child.stderr.on('data', take)
      child.on('close', (code) => done({ code: code ?? 1, output }))
    })
  }
})
