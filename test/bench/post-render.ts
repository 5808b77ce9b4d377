// `chartferry post-render` behind helm 3 and helm 4, on charts of the corpus: everything but the images is what helm prints behind `cat`, and the images
// are those of the relocated chart. (Helm 4 takes empty annotations out whatever stands behind it.)
// CHARTFERRY_CORPUS=FOLDER node --conditions=@chartferry/source test/bench/post-render.ts [HOW-MANY]
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { namingByRules, readChartArchive, relocate } from '@chartferry/core'
import { namingOf, parseTarget } from '@chartferry/core/oci'
import { rewriteManifests } from '@chartferry/core/transfer'
import { parseDocuments } from '../../packages/core/src/helm/render/output/parse-documents.ts'
import { imagesOfManifests } from '../../packages/core/src/transfer/manifests/find-in-stream.ts'
import { type Helm, openHelm } from '../kit/helm.ts'
import { need } from './measure.ts'

const corpus = process.env.CHARTFERRY_CORPUS
if (corpus === undefined) throw new Error('needs CHARTFERRY_CORPUS')
const wanted = Number(process.argv[2] ?? 20)
const target = 'registry.corp/mirror'
const naming = namingByRules([], namingOf(parseTarget(target)))
const root = join(import.meta.dirname, '../..')
const place = await mkdtemp(join(tmpdir(), 'chartferry-bench-'))
const program = join(place, 'chartferry')
const bin = join(root, 'packages/cli/src/bin.ts')
await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' --conditions=@chartferry/source '${bin}' "$@"\n`)
await chmod(program, 0o755)
const plugin = join(root, 'deploy/helm-post-renderer')
const env = { CHARTFERRY_BIN: program, CHARTFERRY_TO: target }
const three = await openHelm(need('helm3'), env)
const four = await openHelm(need('helm4'), env)
await four.must('plugin', 'install', plugin)
const echo = join(place, 'echo')
await mkdir(echo)
const subprocess = 'runtime: subprocess\nruntimeConfig: {platformCommand: [{command: cat}]}\n'
await writeFile(
  join(echo, 'plugin.yaml'),
  `apiVersion: v1\ntype: postrenderer/v1\nname: echo\nversion: 0.1.0\n${subprocess}`,
)
await four.must('plugin', 'install', echo)

/** The documents by their meaning, sorted: helm 4 writes them anew. */
function meaningOf(stream: string): readonly string[] {
  const documents = parseDocuments({ source: '', text: stream }) ?? []
  return documents
    .filter((document) => document !== null)
    .map((document) => JSON.stringify(sorted(document)))
    .sort()
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  )
}

const podImages = (stream: string): readonly string[] =>
  [...new Set(imagesOfManifests(stream).flatMap((image) => (image.isPodImage ? [image.reference] : [])))].sort()

const isSame = (a: readonly string[], b: readonly string[]): boolean => JSON.stringify(a) === JSON.stringify(b)

/** What is wrong with a chart behind one helm; undefined where it does not render, or prints something else each time. */
async function look(
  helm: Helm,
  { same, renderer }: { readonly same: string; readonly renderer: string },
  chart: string,
  relocated: string,
): Promise<string | undefined> {
  const args = ['template', 'x', chart, '--no-hooks']
  // Helm 4 takes nothing at all for a fault of the post-renderer.
  if ((await helm.run(...args)).stdout.trim() === '') return undefined
  const plain = await helm.run(...args, '--post-renderer', same)
  const again = await helm.run(...args, '--post-renderer', same)
  if (plain.code !== 0 || plain.stdout !== again.stdout) return undefined
  const behind = await helm.run(...args, '--post-renderer', renderer)
  if (behind.code !== 0) return behind.stderr.trim().split('\n').at(-1)
  if (!isSame(meaningOf(rewriteManifests(plain.stdout, naming).text), meaningOf(behind.stdout)))
    return 'other documents'
  const moved = podImages(await helm.must('template', 'x', relocated, '--no-hooks'))
  const found = podImages(behind.stdout)
  return isSame(found, moved) ? 'equal' : `images: ${found.filter((image) => !moved.includes(image)).join(' ')}`
}

const files = (await readdir(join(corpus, 'charts'))).filter((name) => name.endsWith('.tgz')).sort()
const step = Math.max(1, Math.floor(files.length / (wanted * 1.4)))
const rows: string[] = []
let good = 0
for (let at = 0; at < files.length && rows.length < wanted; at += step) {
  const file = files[at] ?? ''
  const chart = join(corpus, 'charts', file)
  const { archive } = await relocate(await readChartArchive(await readFile(chart)), {
    to: target,
    allowUnresolved: true,
  })
  const relocated = join(place, file)
  await writeFile(relocated, archive.bytes)
  const verdicts = [
    await look(three, { same: 'cat', renderer: join(plugin, 'post-render.sh') }, chart, relocated),
    await look(four, { same: 'echo', renderer: 'ferry-images' }, chart, relocated),
  ]
  if (verdicts.includes(undefined)) continue
  if (verdicts.every((verdict) => verdict === 'equal')) good++
  rows.push(`| ${file} | ${verdicts.join(' | ')} |`)
}
console.log(
  `| chart | helm 3 | helm 4 |\n|---|---|---|\n${rows.join('\n')}\n\n${good} of ${rows.length} equal behind both`,
)
await three.close()
await four.close()
await rm(place, { recursive: true })
process.exitCode = good === rows.length ? 0 : 1
