// Relocates every chart of the corpus, proven in this process and by real helm, and prints what became of each and a table of all.
// CHARTFERRY_CORPUS=FOLDER node --conditions=@chartferry/source test/bench/relocate.ts [NAME-PART]
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type ChartArchive,
  type ChartRenderer,
  helmRenderer,
  isChartferryError,
  type Relocation,
  type RenderedUse,
  relocate,
  undoPlan,
} from '@chartferry/core'
import { messageOf } from '@chartferry/core/internal'
import { archiveFile } from '@chartferry/core/transfer'
import { locateTool } from '../../scripts/tools.ts'

const to = 'registry.example.test:5000/mirror'
const kinds = ['pod specs', 'custom resources', 'arguments and files'] as const
type Kind = (typeof kinds)[number]

interface Row {
  readonly file: string
  readonly status: string
  readonly detail: string
  /** Distinct images by kind: moved, and all. */
  readonly images: Readonly<Record<Kind, readonly [moved: number, all: number]>>
  readonly edits: number
  /** Whether taking the plan back gives every file of the original. */
  readonly exact: boolean
  readonly helmRuns: number
  readonly milliseconds: { readonly engine: number; readonly helm: number }
}

const corpus = process.env.CHARTFERRY_CORPUS
const binary = locateTool('helm3')
if (corpus === undefined || binary === undefined) throw new Error('needs CHARTFERRY_CORPUS and helm 3')
const helm = await helmRenderer({ binary })
const part = process.argv[2] ?? ''
const names = (await readdir(join(corpus, 'charts')))
  .filter((name) => name.endsWith('.tgz') && name.includes(part))
  .sort()

/** Helm, which counts how often it is run. */
function counted(): { readonly renderer: ChartRenderer; readonly runs: () => number } {
  let runs = 0
  const renderer: ChartRenderer = {
    ...helm,
    async open(archive) {
      const rendering = await helm.open(archive)
      const counting = <Result>(result: Result): Result => {
        runs++
        return result
      }
      return {
        ...rendering,
        render: (values, options) => counting(rendering.render(values, options)),
        lint: (options) => counting(rendering.lint(options)),
      }
    },
  }
  return { renderer, runs: () => runs }
}

function kindOf({ path, resource }: RenderedUse): Kind {
  const isContainer = path.at(-1) === 'image' && /^(?:init|ephemeral)?containers$/i.test(String(path.at(-3)))
  if (isContainer && !/^(?:ConfigMap|Secret)\//.test(resource)) return 'pod specs'
  return /image$|repository$/i.test(String(path.at(-1))) ? 'custom resources' : 'arguments and files'
}

function countImages({ uses, plan }: Relocation): Row['images'] {
  const stays = new Set(plan.unresolved.map(({ image }) => image))
  const count = (kind: Kind): [number, number] => {
    const all = new Set(uses.flatMap((use) => (use.kind === 'rendered' && kindOf(use) === kind ? [use.reference] : [])))
    return [[...all].filter((image) => !stays.has(image)).length, all.size]
  }
  return { 'pod specs': count(kinds[0]), 'custom resources': count(kinds[1]), 'arguments and files': count(kinds[2]) }
}

async function isExact(original: ChartArchive, { archive, plan }: Relocation): Promise<boolean> {
  const undone = await undoPlan(archive, plan)
  const text = ({ entries }: ChartArchive): string =>
    JSON.stringify(entries.map(({ path, mode, mtime }) => [path, mode, mtime]))
  const filesOf = (chart: ChartArchive['chart']): readonly Uint8Array[] => [
    ...chart.files.values(),
    ...chart.subcharts.flatMap(filesOf),
  ]
  const [before, after] = [filesOf(original.chart), filesOf(undone.chart)]
  return (
    text(original) === text(undone) &&
    before.every((bytes, index) => Buffer.compare(bytes, after[index] ?? Buffer.of()) === 0)
  )
}

async function relocateOne(file: string): Promise<Row> {
  const { renderer, runs } = counted()
  const none = [0, 0] as const
  const row: Row = {
    file,
    status: '',
    detail: '',
    images: { 'pod specs': none, 'custom resources': none, 'arguments and files': none },
    edits: 0,
    exact: true,
    helmRuns: 0,
    milliseconds: { engine: 0, helm: 0 },
  }
  try {
    const source = archiveFile(join(corpus ?? '', 'charts', file))
    const original = await source.fetch(await source.resolve({ name: '' }))
    const timed = async (options: { readonly renderer?: ChartRenderer }): Promise<readonly [Relocation, number]> => {
      const started = performance.now()
      const relocation = await relocate(original, { to, allowUnresolved: true, ...options })
      return [relocation, Math.round(performance.now() - started)]
    }
    const [, engine] = await timed({})
    const [relocation, withHelm] = await timed({ renderer })
    const { plan, proof } = relocation
    return {
      ...row,
      status: proof.status,
      images: countImages(relocation),
      edits: plan.edits.length,
      exact: await isExact(original, relocation),
      helmRuns: runs(),
      milliseconds: { engine, helm: withHelm },
      detail: [...plan.unresolved.map(({ image, reason }) => `${image}: ${reason}`), ...proof.reasons].join(' | '),
    }
  } catch (error) {
    return { ...row, status: isChartferryError(error) ? `refused ${error.code}` : 'CRASH', detail: messageOf(error) }
  }
}

const rows: Row[] = []
const queue = names.values()
async function work(): Promise<void> {
  for (const name of queue) {
    const row = await relocateOne(name)
    rows.push(row)
    const counts = `${kinds.map((kind) => row.images[kind].join('/')).join(' ')} images, ${row.edits} edits, ${row.milliseconds.engine} ms`
    console.log(
      `${row.status.padEnd(28)} ${row.file.padEnd(52)} ${counts}  ${row.detail.replaceAll('\n', ' | ').slice(0, 220)}`,
    )
  }
}
const started = performance.now()
await Promise.all([work(), work()])

const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0
console.log()
for (const [status, of] of [...Map.groupBy(rows, ({ status }) => status)].sort(([a], [b]) => a.localeCompare(b)))
  console.log(`${String(of.length).padStart(4)}  ${status}`)
for (const kind of kinds) {
  const [moved, all] = rows.reduce(([a, b], { images }) => [a + images[kind][0], b + images[kind][1]], [0, 0])
  console.log(`${kind}: ${moved} of ${all} distinct images moved, ${((100 * moved) / (all || 1)).toFixed(2)} %`)
}
console.log(`files that taking the plan back does not restore: ${rows.filter(({ exact }) => !exact).length} charts`)
const rendered = rows.filter(({ milliseconds }) => milliseconds.engine > 0)
for (const proof of ['engine', 'helm'] as const) {
  const times = rendered.map(({ milliseconds }) => milliseconds[proof])
  console.log(
    `proven by ${proof}: median ${percentile(times, 0.5)} ms a chart, nine of ten ${percentile(times, 0.9)}, worst ${percentile(times, 1)}`,
  )
}
const runs = rendered.map(({ helmRuns }) => helmRuns)
console.log(
  `helm runs a chart: median ${percentile(runs, 0.5)}, worst ${percentile(runs, 1)}; ${rows.length} charts in ${Math.round((performance.now() - started) / 1000)} s`,
)
