// An air gap for real: a bundle of an umbrella of five charts is made where its registry is, and pushed in a network namespace of its own, from
// where nothing of that can be reached: with helm and without. What helm renders of the charts pushed must be there, blob by blob.
// node --conditions=@chartferry/source test/bench/air-gap.ts; needs root for `unshare -n`; chartferry runs as it is published, from dist.
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type ContentSource, type Descriptor, openRegistries, parseReference, readManifest } from '@chartferry/core'
import { buildChart } from '../kit/charts.ts'
import { layerOf, pushSignedIndex } from '../kit/images.ts'
import { startRealRegistry } from '../kit/real-registries.ts'
import { startRegistry } from '../kit/registry.ts'
import { need } from './measure.ts'

const run = promisify(execFile)
const bin = join(import.meta.dirname, '../../packages/cli/dist/bin.js')
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
  const subcharts = names.map((name) => ({
    name,
    values: `image: ${registry.host}/acme/${name}:1\n`,
    templates: {
      'pod.yaml': `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {containers: [{name: main, image: "{{ .Values.image }}"}]}\n`,
    },
  }))
  const dependencies = names.map((name) => ({ name, version: '1.0.0', repository: '' }))
  await writeFile(
    join(place, 'shop-1.0.0.tgz'),
    await buildChart({ name: 'shop', metadata: { dependencies }, subcharts }),
  )
  const helm = need('helm3')
  const made = await chartferry(['bundle', 'create', 'shop-1.0.0.tgz', '--file', 'shop.ferry'], place, helm)
  console.log(made.stdout.trim())
  await chartferry(['relocate', 'shop-1.0.0.tgz', '--to', 'reg.corp/m', '--bundle', 'relocate.ferry'], place, helm)
  const self = [process.execPath, '--conditions=@chartferry/source', import.meta.filename, 'far', place, registry.host]
  const far = await run('unshare', ['-n', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh', ...self])
  console.log(far.stdout.trim())
  await registry.close()
  await rm(place, { recursive: true })
  return 0
}

/** Pushes each bundle to a registry of this side, and looks at what its charts name. */
async function farSide(place: string, far: string): Promise<number> {
  const isReached = await fetch(`http://${far}/v2/`).then(
    () => true,
    () => false,
  )
  if (isReached) throw new Error(`${far} can be reached: this is no air gap`)
  const helm = need('helm3')
  for (const [file, prover] of [
    ['shop.ferry', helm],
    ['shop.ferry', undefined],
    ['relocate.ferry', helm],
  ] as const) {
    const registry = await startRealRegistry({ command: need('docker-registry'), kind: 'distribution' })
    const pushed = await chartferry(['bundle', 'push', file, '--to', `${registry.host}/plant`, '-q'], place, prover)
    const out = await mkdtemp(join(place, 'out-'))
    await chartferry(['pull', `oci://${registry.host}/plant/charts/shop`, '-d', out], place, undefined)
    const [archive = ''] = await readdir(out)
    const { stdout } = await run(helm, ['template', 'x', join(out, archive)])
    const images = [...stdout.matchAll(/image: "?([^"}\s]+)/g)].map((match) => match[1] ?? '')
    const registries = openRegistries()
    let content = 0
    for (const image of images) {
      const { host: from = '', path, tag = 'latest' } = parseReference(image)
      if (from !== registry.host) throw new Error(`${image} is not of this side`)
      const source = registries.repository(`${from}/${path}`)
      content += await fetchAll(source, await source.resolve(tag))
    }
    await registries.close()
    await registry.close()
    const proof = /(proven by .*|not proven here.*)/.exec(pushed.stdout)?.[1] ?? ''
    console.log(
      `${file}, ${prover === undefined ? 'without helm' : 'with helm'}: ${images.length} images, ${content} manifests and blobs fetched; ${proof}`,
    )
    if (images.length !== names.length) return 1
  }
  return 0
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
