// How many charts of the corpus a values file moves whole: `emit values`, then helm 3 renders with it. Prints a table, and the reasons by how often they
// come.
// CHARTFERRY_CORPUS=FOLDER node --conditions=@chartferry/source test/bench/emit-values.ts [NAME-PART]
import { access, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { imagesOfManifests } from '../../packages/core/src/transfer/manifests/find-in-stream.ts'
import { runChartferry } from '../kit/command.ts'
import { openHelm } from '../kit/helm.ts'
import { need } from './measure.ts'

const corpus = process.env.CHARTFERRY_CORPUS
if (corpus === undefined) throw new Error('needs CHARTFERRY_CORPUS')
const part = process.argv[2] ?? ''
const target = 'registry.corp/mirror'
const helm = await openHelm(need('helm3'))
const place = await mkdtemp(join(tmpdir(), 'chartferry-bench-'))

/** A line of the command without what is of one chart alone. */
function reasonOf(line: string): string {
  if (line.includes('no value says it'))
    return /^! \S*Chart\.yaml/.test(line) ? 'written in Chart.yaml' : 'written in a template'
  if (line.includes('still names it')) return 'rendered as before, although the values say otherwise'
  return line.replace(/^! [^:]*: /, '').slice(0, 80)
}

const reasons = new Map<string, number>()
const counts = { whole: 0, part: 0, none: 0, unrendered: 0 }
for (const file of (await readdir(join(corpus, 'charts'))).sort()) {
  if (!file.endsWith('.tgz') || !file.includes(part)) continue
  const chart = join(corpus, 'charts', file)
  const out = join(place, file)
  const emitted = await runChartferry(['emit', 'values', chart, '--to', target, '-d', out, '--allow-unresolved'])
  const lines = emitted.stderr
    .split('\n')
    .filter((line) => line.startsWith('! ') && !line.includes('helm was not found'))
  const [name] = await readdir(out).catch(() => [])
  const values = name === undefined ? undefined : join(out, name)
  const flags =
    values === undefined ||
    (await access(values).then(
      () => false,
      () => true,
    ))
      ? []
      : ['-f', values]
  const { code, stdout } = await helm.run('template', 'x', chart, ...flags)
  const images = [
    ...new Set(imagesOfManifests(stdout).flatMap(({ isPodImage, reference }) => (isPodImage ? [reference] : []))),
  ]
  const moved = images.filter((image) => image.startsWith(`${target}/`)).length
  const verdict =
    code !== 0 ? 'unrendered' : moved === images.length && lines.length === 0 ? 'whole' : moved > 0 ? 'part' : 'none'
  counts[verdict]++
  for (const reason of new Set(lines.map(reasonOf))) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  console.log(
    `| ${file} | ${verdict} | ${moved} of ${images.length} | ${[...new Set(lines.map(reasonOf))].join('; ')} |`,
  )
}
console.log(
  `\n${Object.entries(counts)
    .map(([verdict, count]) => `${verdict} ${count}`)
    .join(', ')}\n`,
)
for (const [reason, count] of [...reasons].sort(([, a], [, b]) => b - a))
  console.log(`${String(count).padStart(4)}  ${reason}`)
await helm.close()
await rm(place, { recursive: true })
