// An air gap for real: an umbrella whose five charts come from a chart repository goes into bundles where that and its registry are. In a network
// namespace of its own, from where nothing of that can be reached, a bundle is served alone, and pushed with helm and without. What helm renders of the
// charts must be there, blob by blob.
// node --conditions=@chartferry/source test/bench/air-gap.ts; needs root for `unshare -n`; chartferry runs as it is published, from dist.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { readManifest } from '@chartferry/core/internal'
import { type ContentSource, type Descriptor, openRegistries, parseReference } from '@chartferry/core/oci'
import { layerOf, pushSignedIndex } from '../kit/images.ts'
import { startRealRegistry } from '../kit/real-registries.ts'
import { startRegistry } from '../kit/registry.ts'
import { startUpstream } from '../kit/upstream.ts'
import { need } from './measure.ts'

const run = promisify(execFile)
const bin = join(import.meta.dirname, '../../packages/cli/bin/chartferry.js')
const names = ['web', 'api', 'queue', 'cache', 'worker']
const [side, folder = '', host = ''] = process.argv.slice(2)
process.exitCode = side === 'far' ? await farSide(folder, host) : await nearSide()

function chartferry(args: readonly string[], cwd: string, helm: string | undefined): Promise<{ stdout: string }> {
  const env = {
    ...process.env,
    HOME: cwd,
    HELM_BIN: helm ?? '',
    PATH: helm === undefined ? '/nonexistent' : '/usr/bin:/bin',
  }
  return run(process.execPath, [bin, ...args], { cwd, env })
}

/** Makes the bundles, then lets the other side go on alone. */
async function nearSide(): Promise<number> {
  const place = await mkdtemp(join(tmpdir(), 'chartferry-gap-'))
  const registry = await startRegistry()
  const registries = openRegistries()
  for (const name of names)
    await pushSignedIndex(registries.repository(`${registry.host}/acme/${name}`), '1', {
      layerSize: 50_000,
      shared: layerOf('shared', 10_000),
    })
  await registries.close()
  const repository = await startUpstream(
    names.map((name) => ({
      name,
      values: `image: ${registry.host}/acme/${name}:1\n`,
      templates: {
        'pod.yaml': `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, labels: {shop: {{ required "a shop" .Values.global.shop }}}}\nspec: {containers: [{name: main, image: "{{ .Values.image }}"}]}\n`,
      },
    })),
  )
  const dependencies = names.map((name) => ({ name, version: '^1', repository: repository.url }))
  const metadata = { apiVersion: 'v2', name: 'shop', version: '1.0.0', dependencies }
  await mkdir(join(place, 'shop'))
  await writeFile(join(place, 'shop', 'Chart.yaml'), JSON.stringify(metadata))
  await writeFile(join(place, 'values.yaml'), 'global: {shop: corner}\n')
  await writeFile(join(place, 'chartferry.yaml'), 'charts: [{chart: ./shop, values: [values.yaml]}]\n')
  const helm = need('helm3')
  await chartferry(['lock'], place, helm)
  const made = await chartferry(
    ['bundle', 'create', '--config', 'chartferry.yaml', '--file', 'shop.ferry'],
    place,
    helm,
  )
  console.log(made.stdout.trim())
  const relocated = ['relocate', './shop', '-f', 'values.yaml', '--to', 'reg.corp/m', '--bundle', 'relocate.ferry']
  await chartferry(relocated, place, helm)
  const hosts = [registry.host, new URL(repository.url).host].join(',')
  const self = [process.execPath, '--conditions=@chartferry/source', import.meta.filename, 'far', place, hosts]
  const far = await run('unshare', ['-n', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh', ...self])
  console.log(far.stdout.trim())
  await repository.close()
  await registry.close()
  await rm(place, { recursive: true })
  return 0
}

/** Serves a bundle, pushes each to a registry of this side, and looks at what its charts name. */
async function farSide(place: string, hosts: string): Promise<number> {
  for (const host of hosts.split(',')) {
    const isReached = await fetch(`http://${host}/`).then(
      () => true,
      () => false,
    )
    if (isReached) throw new Error(`${host} can be reached: this is no air gap`)
  }
  const helm = need('helm3')
  const rows = [await served(place, helm)]
  for (const [file, prover] of [
    ['shop.ferry', helm],
    ['shop.ferry', undefined],
    ['relocate.ferry', helm],
    ['relocate.ferry', undefined],
  ] as const)
    rows.push(await pushed(file, place, helm, prover))
  console.log('| bundle | way | images | manifests and blobs fetched | proof |\n|---|---|---|---|---|')
  for (const { file, way, images, content, proof } of rows)
    console.log(`| ${file} | ${way} | ${images} | ${content} | ${proof} |`)
  return rows.every(({ images }) => images === names.length) ? 0 : 1
}

interface Row {
  readonly file: string
  readonly way: string
  readonly images: number
  readonly content: number
  readonly proof: string
}

/** From the file itself, without helm on the server's side. */
async function served(place: string, helm: string): Promise<Row> {
  const args = [bin, 'bundle', 'serve', 'shop.ferry', '--listen', '127.0.0.1:0', '-q']
  const server = spawn(process.execPath, args, { cwd: place, env: { HOME: place, PATH: '/nonexistent' } })
  let address = ''
  for await (const line of createInterface({ input: server.stdout })) {
    address = /http:\/\/([\d.]+:\d+) /.exec(line)?.[1] ?? ''
    if (address !== '') break
  }
  const options = { cwd: place, env: { HOME: place, PATH: '/usr/bin:/bin' } }
  await run(helm, ['repo', 'add', 'plant', `http://${address}/charts`], options)
  const { stdout } = await run(helm, ['template', 'x', 'plant/shop', '-f', 'values.yaml'], options)
  const found = await fetchImages(stdout, address)
  server.kill('SIGTERM')
  await once(server, 'exit')
  return { file: 'shop.ferry', way: 'serve, without helm', ...found, proof: 'carried' }
}

async function pushed(file: string, place: string, helm: string, prover: string | undefined): Promise<Row> {
  const registry = await startRealRegistry({ command: need('docker-registry'), kind: 'distribution' })
  const told = await chartferry(['bundle', 'push', file, '--to', `${registry.host}/plant`, '-q'], place, prover)
  const out = await mkdtemp(join(place, 'out-'))
  await chartferry(['pull', `oci://${registry.host}/plant/charts/shop`, '-d', out], place, undefined)
  const [archive = ''] = await readdir(out)
  const { stdout } = await run(helm, ['template', 'x', join(out, archive), '-f', join(place, 'values.yaml')])
  const found = await fetchImages(stdout, registry.host)
  await registry.close()
  const proof = /(proven.*|not proven here.*|unverified.*)/.exec(told.stdout)?.[1] ?? ''
  return { file, way: prover === undefined ? 'push, without helm' : 'push, with helm', ...found, proof }
}

/** Fetches every image that was rendered, whole, from where it has to be. */
async function fetchImages(rendered: string, host: string): Promise<Pick<Row, 'images' | 'content'>> {
  const images = [...rendered.matchAll(/image: "?([^"}\s]+)/g)].map((match) => match[1] ?? '')
  const registries = openRegistries({ plainHttp: true })
  let content = 0
  for (const image of images) {
    const { host: from = '', path, tag = 'latest' } = parseReference(image)
    if (from !== host) throw new Error(`${image} is not of this side`)
    const source = registries.repository(`${from}/${path}`)
    content += await fetchAll(source, await source.resolve(tag))
  }
  await registries.close()
  return { images: images.length, content }
}

/** Fetches a manifest with all that it names; gives how much that was. */
async function fetchAll(source: ContentSource, descriptor: Descriptor): Promise<number> {
  const { manifest } = await readManifest(source, descriptor)
  let count = 1
  for (const child of manifest.manifests) count += await fetchAll(source, child)
  for (const blob of manifest.blobs) {
    let size = 0
    for await (const piece of await source.fetch(blob)) size += piece.length
    if (size !== blob.size) throw new Error(`${blob.digest} has ${size} bytes`)
    count++
  }
  return count
}
