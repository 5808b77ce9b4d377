// The examples in the help of every command run as they stand, but for the names of places.
import { spawn } from 'node:child_process'
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openRegistries } from '@chartferry/core/oci'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { commands } from '../../packages/cli/src/commands.ts'
import { selfSigned } from '../kit/certificate.ts'
import { buildChart } from '../kit/charts.ts'
import { runChartferry } from '../kit/command.ts'
import { haulImage, openRecording, packHaul, packWrap } from '../kit/foreign.ts'
import { layerOf, pushImage, pushIndex } from '../kit/images.ts'
import { startRegistry, type TestRegistry } from '../kit/registry.ts'
import { startServer, type TestServer } from '../kit/server.ts'
import { describeWithTools } from '../kit/tools.ts'
import { startUpstream, type TestUpstream } from '../kit/upstream.ts'

const bin = join(import.meta.dirname, '../../packages/cli/src/bin.ts')
/** These run until they are told to end. */
const servers = /^chartferry (?:serve|bundle serve|chartmuseum (?!.*--gen-index))/

async function helpOf(command: readonly string[]): Promise<string> {
  const { stdout } = await runChartferry([...command, '--help'], { env: { COLUMNS: '100' } })
  return stdout
}

/** A command and those below it. */
async function commandsBelow(command: readonly string[]): Promise<(readonly string[])[]> {
  const [, list = ''] = (await helpOf(command)).split(/^Commands:\n/m)
  const names = [...(list.split('\n\n')[0] ?? '').matchAll(/^ {2}([a-z-]+)/gm)].map((match) => match[1] ?? '')
  return [command, ...names.map((name) => [...command, name])]
}

/** An image of two platforms, signed with a key as cosign does it. */
async function pushSigned(place: string, tag: string, key: KeyObject): Promise<void> {
  const registries = openRegistries()
  const repository = registries.repository(place)
  const platforms = [
    await pushImage(repository, { layers: [layerOf(`${place} 1`, 1000)] }),
    await pushImage(repository, { layers: [layerOf(`${place} 2`, 1000)], architecture: 'arm64' }),
  ]
  const index = await pushIndex(
    repository,
    platforms.map((image, at) => ({ ...image, platform: { os: 'linux', architecture: at === 0 ? 'amd64' : 'arm64' } })),
    tag,
  )
  const payload = Buffer.from(JSON.stringify({ critical: { image: { 'docker-manifest-digest': index.digest } } }))
  await pushImage(repository, {
    tag: `${index.digest.replace(':', '-')}.sig`,
    layers: [payload],
    layerType: 'application/vnd.dev.cosign.simplesigning.v1+json',
    layerAnnotations: { 'dev.cosignproject.cosign/signature': sign('sha256', payload, key).toString('base64') },
  })
  await registries.close()
}

describeWithTools('the examples of --help', ['helm3'], (tools) => {
  let folder: string
  let quay: TestRegistry
  let registry: TestRegistry
  let upstream: TestUpstream
  let server: TestServer
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartferry-examples-'))
    quay = await startRegistry()
    registry = await startRegistry()
    const cosign = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const shop = generateKeyPairSync('ed25519')
    await pushSigned(`${quay.host}/prometheus/prometheus`, 'v3.5.0', cosign.privateKey)
    await pushSigned(`${quay.host}/acme/web`, '1.0', cosign.privateKey)
    const templates = {
      'pod.yaml': `apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: {{ .Values.image }}}]}\n`,
    }
    const values = `image: ${quay.host}/acme/web:1.0\n`
    upstream = await startUpstream([
      { name: 'kube-prometheus-stack', version: '75.18.1', templates, values },
      { name: 'ingress-nginx', templates, values },
      { name: 'postgresql', templates, values },
    ])
    upstream.files.set('release/kubectl', Buffer.from('kubectl'))
    const certificate = selfSigned('localhost')
    const recording = openRecording()
    const image = await pushImage(recording, { layers: [layerOf('shop', 1000)] })
    const wrapped = {
      'Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 1.0.0\n',
      'values.yaml': 'image: nowhere.invalid/shop:1\n',
      'templates/pod.yaml': templates['pod.yaml'],
    }
    const images = [{ image: 'nowhere.invalid/shop:1', manifests: { 'linux/amd64': image } }]
    server = await startServer({
      repositories: { local: { kind: 'hosted' }, bitnami: upstream.url },
      settings: { images: { registries: { quay: { host: quay.host, plainHttp: true } } } },
    })
    await writeFiles({
      'web-1.0.0.tgz': await buildChart({ name: 'web', templates, values }),
      'web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
      'web/values.yaml': values,
      'web/templates/pod.yaml': templates['pod.yaml'],
      'k8s/base/kustomization.yaml': 'resources: [web.yaml]\n',
      'k8s/base/web.yaml': templates['pod.yaml'].replace('{{ .Values.image }}', `${quay.host}/acme/web:1.0`),
      'k8s/overlays/prod/kustomization.yaml': 'resources: [../../base]\nnamePrefix: prod-\n',
      'production.yaml': 'replicas: 3\n',
      'cosign.pub': cosign.publicKey.export({ type: 'spki', format: 'pem' }),
      'shop.pub': shop.publicKey.export({ type: 'spki', format: 'pem' }),
      'shop.key': shop.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      'password.txt': 'secret\n',
      'scan.sh': 'exec tar -tzf "$1"\n',
      kubectl: 'a file',
      'haul.tar.zst': packHaul(recording, [haulImage('nowhere.invalid/shop:2', image)]),
      'shop-1.0.0.wrap.tgz': packWrap(recording, { top: 'shop-1.0.0', chart: wrapped, images }),
      'server.crt': certificate.cert,
      'server.key': certificate.key,
      'files.txt': `${upstream.url}/release/kubectl ${createHash('sha256').update('kubectl').digest('hex')}\n`,
      'chartferry.yaml': `target: ${registry.host}/mirror\ncharts: [web-1.0.0.tgz]\nimages: ["${quay.host}/prometheus/prometheus:v3.5.0"]\n`,
      'chartferry-server.yaml': 'repositories:\n  local: {kind: hosted}\n',
      'repositories.yaml': `repositories: [{name: prometheus, url: "${upstream.url}"}, {name: ingress-nginx, url: "${upstream.url}"}]\n`,
    })
    // What the examples find there already.
    for (const line of [
      'chartferry lock',
      'chartferry bundle create ingress-nginx/ingress-nginx --file last-month.ferry',
      'chartferry bundle create web-1.0.0.tgz --sign-key shop.key --file signed.ferry',
    ]) {
      const { code, output } = await runLine(line)
      expect(code, output).toBe(0)
    }
  }, 120_000)
  afterAll(async () => {
    await server.close()
    await upstream.close()
    await registry.close()
    await quay.close()
    await rm(folder, { recursive: true, force: true })
  })

  async function writeFiles(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
    for (const [file, content] of Object.entries(files)) {
      await mkdir(join(folder, dirname(file)), { recursive: true })
      await writeFile(join(folder, file), content)
    }
  }

  it('are there for every command, and each ends well', async () => {
    const all = await Promise.all(commands.map(({ name }) => commandsBelow([name])))
    for (const command of all.flat()) {
      const help = await helpOf(command)
      const examples = [...help.matchAll(/^ {2}\$ (chartferry .*)$/gm)].map((match) => match[1] ?? '')
      expect(examples.length, command.join(' ')).toBeGreaterThan(0)
      for (const example of examples) {
        const { code, output } = await runLine(example)
        expect(code, `${example}\n${output}`).toBe(0)
      }
    }
    expect(registry.repositories.get('mirror/prometheus/prometheus')?.tags.has('v3.5.0')).toBe(true)
    expect(registry.repositories.get('mirror/acme/web')?.tags.has('1.0')).toBe(true)
    expect(registry.repositories.get('charts/web')?.tags.has('1.0.0')).toBe(true)
    expect((await server.ask('/local/index.yaml')).body.toString()).toContain('web-1.0.0.tgz')
  }, 600_000)

  /** The line with the places of this test. */
  function here(example: string): string {
    return example
      .replaceAll(/registry\.(?:corp|plant\.local):5000/g, registry.host)
      .replaceAll('quay.io/', `${quay.host}/`)
      .replaceAll('http://127.0.0.1:8080', server.url)
      .replaceAll('https://prometheus-community.github.io/helm-charts', upstream.url)
      .replaceAll('ferry://prometheus-community.github.io/helm-charts', upstream.url.replace('http:', 'ferry+http:'))
      .replaceAll('/etc/chartferry/', `${folder}/`)
      .replaceAll('shop.ferry --bundle-key', 'signed.ferry --bundle-key')
      .replace(/10\.0\.0\.5:80|:8443/, '127.0.0.1:0')
      .replace('--port=8080', '--port=0')
      .replace(/bundle serve \S+$/, '$& --listen 127.0.0.1:0')
      .replace(/(^|\| )chartferry/g, `$1"${process.execPath}" --conditions=@chartferry/source "${bin}"`)
  }

  /** Runs an example to its end; a server until it says where it listens. */
  function runLine(example: string): Promise<{ readonly code: number; readonly output: string }> {
    const env = {
      ...process.env,
      HOME: folder,
      XDG_CACHE_HOME: join(folder, 'cache'),
      HELM_BIN: tools.helm3,
      HELM_REGISTRY_CONFIG: join(folder, 'registry.json'),
      HELM_REPOSITORY_CONFIG: join(folder, 'repositories.yaml'),
      CHARTFERRY_LISTEN: '127.0.0.1:0',
      CHARTFERRY_TO: `${registry.host}/mirror`,
    }
    const isServer = servers.test(example)
    return new Promise((done) => {
      const child = spawn('/bin/sh', ['-c', `exec ${here(example)}`], {
        cwd: folder,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let output = ''
      const take = (piece: Buffer): void => {
        output += piece.toString()
        if (isServer && /https?:\/\/127\.0\.0\.1:\d+|listening/i.test(output)) child.kill('SIGTERM')
      }
      child.stdout.on('data', take)
      child.stderr.on('data', take)
      child.on('close', (code) => done({ code: code ?? 1, output }))
    })
  }
})
