// Proof of the whole way: a node that can reach this server alone adds a relocated repository, pulls charts with helm, and
// with containerd every image that they render. The images are small stand-ins in a registry that only the server sees.
//
// usage, as root: node --conditions=@chartferry/source test/bench/relocated-images.ts CHARTS CONTAINERD CTR HELM [COUNT] [PORT]
import { execFile, spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { readChartArchive } from '@chartferry/core'
import { openRegistries, parseReference } from '@chartferry/core/oci'
import { openContainerd } from '../kit/containerd.ts'
import { layerOf, pushImage } from '../kit/images.ts'
import { startRegistry } from '../kit/registry.ts'
import { ask } from '../kit/server.ts'
import { startUpstream } from '../kit/upstream.ts'

const [charts = '', containerd = '', ctr = '', helm = '', most = '20', port = '21500'] = process.argv.slice(2)
const execute = promisify(execFile)
const namespace = `cf-${process.pid}`
const [outside, inside] = [`cf${process.pid}a`, `cf${process.pid}b`]
/** Of the server, and of the node: a network of two. */
const [server, node] = ['10.213.0.1', '10.213.0.2']
const hosts = ['docker.io', 'quay.io', 'ghcr.io', 'gcr.io', 'registry.k8s.io', 'k8s.gcr.io', 'public.ecr.aws']
const folder = await mkdtemp(join(tmpdir(), 'relocated-images-'))

/** A program that runs in the node's network. */
async function inNetwork(name: string, path: string): Promise<string> {
  const file = join(folder, `node-${name}`)
  await writeFile(file, `#!/bin/sh\nexec ip netns exec ${namespace} ${path} "$@"\n`)
  await chmod(file, 0o755)
  return file
}

async function openNetwork(): Promise<void> {
  const ip = (text: string): Promise<unknown> => execute('ip', text.split(' '))
  await ip(`netns add ${namespace}`)
  await ip(`link add ${outside} type veth peer name ${inside} netns ${namespace}`)
  await ip(`addr add ${server}/30 dev ${outside}`)
  await ip(`link set ${outside} up`)
  await ip(`-n ${namespace} addr add ${node}/30 dev ${inside}`)
  await ip(`-n ${namespace} link set ${inside} up`)
  await ip(`-n ${namespace} link set lo up`)
}

async function openServer(upstream: string, registry: string): Promise<{ readonly log: () => string; close(): void }> {
  const registries = hosts.map((host) => [host, { mirrors: [`${registry}/${host}`], plainHttp: true }])
  const config = {
    listen: `${server}:${port}`,
    publicUrl: `http://${server}:${port}`,
    data: join(folder, 'data'),
    logLevel: 'error',
    images: { registries: Object.fromEntries(registries) },
    relocation: { within: '5m' },
    repositories: { up: { url: upstream }, corp: { kind: 'relocated', of: 'up', to: 'self' } },
  }
  await writeFile(join(folder, 'server.yaml'), JSON.stringify(config))
  const bin = join(import.meta.dirname, '../../packages/cli/src/bin.ts')
  const args = ['--conditions=@chartferry/source', bin, 'serve', '--config', join(folder, 'server.yaml')]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString()
  })
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.includes(`${server}:${port}`)) continue
    child.stdout.resume()
    return { log: () => log, close: () => void child.kill() }
  }
  throw new Error(`the server ended: ${log}`)
}

await openNetwork()
const upstream = await startUpstream()
const registry = await startRegistry()
const origin = openRegistries({ plainHttp: true })
const names: { readonly name: string; readonly version: string }[] = []
for (const file of (await readdir(charts)).filter((name) => name.endsWith('.tgz'))) {
  const bytes = await readFile(join(charts, file))
  const archive = await readChartArchive(bytes).catch(() => undefined)
  if (archive === undefined || archive.chart.metadata.type === 'library') continue
  const { name, version } = archive.chart.metadata
  await upstream.add({ name, version }, { bytes, path: `charts/${file}`, entry: { type: undefined } })
  names.push({ name, version })
}
const running = await openServer(upstream.url, registry.host)
const url = `http://${server}:${port}`
const runtime = await openContainerd({
  containerd: await inNetwork('containerd', containerd),
  ctr: await inNetwork('ctr', ctr),
})
const hostsFolder = join(folder, 'hosts')
await mkdir(join(hostsFolder, `${server}:${port}`), { recursive: true })
const hostsFile = `server = "${url}"\n[host."${url}"]\ncapabilities = ["pull", "resolve"]\n`
await writeFile(join(hostsFolder, `${server}:${port}`, 'hosts.toml'), hostsFile)
const nodeHelm = await inNetwork('helm', helm)
const env = { ...process.env, HOME: folder, XDG_CACHE_HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder }
const runHelm = async (...args: readonly string[]): Promise<string> =>
  (await execute(nodeHelm, args, { env, cwd: folder, maxBuffer: 2 ** 28 })).stdout

let done = 0
let pulled = 0
const failures: string[] = []
try {
  const route = (await execute('ip', ['-n', namespace, 'route'])).stdout.trim()
  console.log(`the node's routes: ${route}`)
  await runHelm('repo', 'add', 'corp', `${url}/corp`)
  for (const { name, version } of names) {
    if (done >= Number(most)) break
    const relocation = await ask(url, `/api/corp/charts/${name}/${encodeURIComponent(version)}/relocation`)
    if (relocation.status !== 200) continue
    const { plan } = relocation.json() as {
      plan: { images: readonly { from: string; to: string; rendered: boolean }[] }
    }
    const known = plan.images.filter(({ to }) => hosts.includes(to.split('/')[1] ?? ''))
    if (known.length === 0 || known.length < plan.images.filter(({ rendered }) => rendered).length) continue
    for (const { to } of known) {
      const { path, tag, digest } = parseReference(to)
      // A stand-in cannot have the digest of the image that it stands for.
      if (digest !== undefined) continue
      const layers = [layerOf(to, 2000)]
      await pushImage(origin.repository(`${registry.host}/${path}`), { layers, tag: tag ?? 'latest' })
    }
    await runHelm('pull', `corp/${name}`, '--version', version)
    const rendered = await runHelm('template', 'node', `corp/${name}`, '--version', version).catch(() => '')
    const images = new Set(
      [...rendered.matchAll(/^[ \t]*(?:- )?image:[ \t]*["']?([^\s"']+)/gm)].map(([, image = '']) => image),
    )
    if (images.size === 0) continue
    done += 1
    for (const image of images) {
      if (!image.startsWith(`${server}:${port}/`)) {
        failures.push(`${name}: renders ${image}`)
        continue
      }
      if (image.includes('@sha256:')) continue
      const reference = /:[^/]+$/.test(image) ? image : `${image}:latest`
      try {
        await runtime.fetch(reference, hostsFolder)
        pulled += 1
      } catch (thrown) {
        failures.push(`${name}: ${String(thrown)}`)
      }
    }
    console.log(`${name} ${version}: ${images.size} images`)
  }
} finally {
  await runtime.close()
  running.close()
  await registry.close()
  await upstream.close()
  await execute('ip', ['netns', 'del', namespace])
  await rm(folder, { recursive: true, force: true })
}
console.log(`${done} charts, ${pulled} images pulled by containerd from ${url} alone, ${failures.length} failed`)
for (const failure of failures) console.log(`  ${failure}`)
process.exit(failures.length === 0 ? 0 : 1)
