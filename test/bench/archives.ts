// Reads every chart of the corpus, writes it again, nested archives too, and asks real helm whether anything changed.
// CHARTFERRY_CORPUS=FOLDER node --conditions=@chartferry/source test/bench/archives.ts [NAME-PART]
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isChartferryError, readChartArchive } from '@chartferry/core'
import { messageOf } from '@chartferry/core/internal'
import type { ArchiveEntry } from '../../packages/core/src/helm/archive/entry.ts'
import { readArchive } from '../../packages/core/src/helm/archive/read.ts'
import { writeArchive } from '../../packages/core/src/helm/archive/write.ts'
import { locateTool } from '../../scripts/tools.ts'

const corpus = process.env.CHARTFERRY_CORPUS
const helm = locateTool('helm3')
if (corpus === undefined || helm === undefined) throw new Error('needs CHARTFERRY_CORPUS and helm 3')
const helmPath = helm
const part = process.argv[2] ?? ''
const charts = join(corpus, 'charts')
const files = (await readdir(charts)).filter((name) => name.endsWith('.tgz') && name.includes(part)).sort()
const workFolder = await mkdtemp(join(tmpdir(), 'chartferry-bench-'))

const commands = { show: ['show', 'all'], template: ['template', 'release'], lint: ['lint'] } as const
type Command = keyof typeof commands
/** How often helm may run on the original until it prints once what it printed for the rewritten chart. */
const moreRuns = 12

/** `volatile`: differs as much between runs on the original, in the order of subcharts or in lines that are random. */
type Outcome = 'same' | 'volatile' | 'DIFFERENT'

interface Row {
  readonly file: string
  readonly read: string
  readonly helm: string
  readonly outcomes: Readonly<Record<Command, Outcome>> | undefined
  readonly bytes: number
  readonly milliseconds: number
}

/** Exit code and all output of helm on `file` in a folder, so that no output names the folder. */
function runHelm(args: readonly string[], file: string, folder: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const options = { cwd: folder, maxBuffer: 1024 * 1024 * 1024 }
  execFile(helmPath, [...args, file], options, (error, stdout, stderr) => {
    resolve(`exit ${error ? String(error.code) : 0}\n${stdout}\n${stderr}`)
  })
  return promise
}

/** The lines, with those masked that differ between two runs on the same chart. */
function mask(text: string, first: readonly string[], second: readonly string[]): string {
  return text
    .split('\n')
    .map((line, index) => (first[index] === second[index] ? line : '(volatile)'))
    .join('\n')
}

async function compare(command: Command, file: string, original: string, rewritten: string): Promise<Outcome> {
  const before = await runHelm(commands[command], file, original)
  const after = await runHelm(commands[command], file, rewritten)
  if (before === after) return 'same'
  for (let run = 0; run < moreRuns; run++) {
    const again = await runHelm(commands[command], file, original)
    if (again === after) return 'volatile'
    const lines = [before.split('\n'), again.split('\n')] as const
    const random = lines[0].filter((line, index) => line !== lines[1][index]).length
    // Where more than a tenth of a long text differs it is the order, and masking would hide too much.
    const few = random > 0 && random <= Math.max(2, lines[0].length / 10) && lines[0].length === lines[1].length
    if (few && mask(before, ...lines) === mask(after, ...lines)) return 'volatile'
  }
  return 'DIFFERENT'
}

async function rewrite(entries: readonly ArchiveEntry[]): Promise<Uint8Array> {
  const written: ArchiveEntry[] = []
  for (const entry of entries) {
    const nested = /\/charts\/[^/]+\.tgz$/.test(entry.path)
    written.push(nested ? { ...entry, data: await rewrite(await readArchive(entry.data)) } : entry)
  }
  return writeArchive(written)
}

async function measure(file: string): Promise<Row> {
  const shown = await runHelm(['show', 'chart'], file, charts)
  const verdict = shown.startsWith('exit 0') ? 'accepts' : `refuses: ${shown.trim().split('\n').at(-1)}`
  const bytes = await readFile(join(charts, file))
  const row = { file, helm: verdict, outcomes: undefined, bytes: bytes.length }
  const started = performance.now()
  try {
    const { entries } = await readChartArchive(bytes, { fileName: file })
    const milliseconds = performance.now() - started
    const folder = join(workFolder, file)
    await mkdir(folder)
    await writeFile(join(folder, file), await rewrite(entries))
    const show = await compare('show', file, charts, folder)
    const template = await compare('template', file, charts, folder)
    const lint = await compare('lint', file, charts, folder)
    await rm(folder, { recursive: true })
    return { ...row, read: 'accepted', outcomes: { show, template, lint }, milliseconds }
  } catch (error) {
    const read = isChartferryError(error) ? `refused: ${error.code} ${error.message}` : `CRASH: ${messageOf(error)}`
    return { ...row, read, milliseconds: performance.now() - started }
  }
}

const rows: Row[] = []
const queue = files.values()
async function work(): Promise<void> {
  for (const file of queue) rows.push(await measure(file))
}
await Promise.all([work(), work()])
await rm(workFolder, { recursive: true })

function count(test: (row: Row) => boolean): number {
  return rows.filter(test).length
}
for (const row of rows.sort((a, b) => (a.file < b.file ? -1 : 1))) {
  const odd = Object.entries(row.outcomes ?? {}).filter(([, outcome]) => outcome !== 'same')
  const agree = (row.read === 'accepted') === (row.helm === 'accepts')
  if (!agree || row.read !== 'accepted') console.log(`${row.file}: ${row.read}; helm ${row.helm}`)
  for (const [command, outcome] of odd) console.log(`${row.file}: helm ${command}: ${outcome}`)
}
const times = rows.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b)
console.table({
  'archives read by us': { count: count(({ read }) => read === 'accepted'), of: rows.length },
  'archives read by helm': { count: count(({ helm: verdict }) => verdict === 'accepts'), of: rows.length },
  ...Object.fromEntries(
    (Object.keys(commands) as Command[]).flatMap((command) =>
      (['same', 'volatile', 'DIFFERENT'] as const).map((outcome) => [
        `helm ${command} after rewriting: ${outcome}`,
        { count: count(({ outcomes }) => outcomes?.[command] === outcome), of: rows.length },
      ]),
    ),
  ),
})
const megabytes = rows.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6
const total = times.reduce((sum, time) => sum + time, 0)
console.log(`reading: ${megabytes.toFixed(1)} MB in ${total.toFixed(0)} ms, slowest ${times.at(-1)?.toFixed(0)} ms`)
if (rows.some(({ outcomes }) => Object.values(outcomes ?? {}).includes('DIFFERENT'))) process.exitCode = 1
