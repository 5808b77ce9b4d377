// Relocates every chart of the corpus with real helm as the judge, and prints what became of each.
// CHARTFERRY_CORPUS=FOLDER node --conditions=@chartferry/source test/bench/relocate.ts [NAME-PART]
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { archiveFile, helmRenderer, isChartferryError, messageOf, relocate } from '@chartferry/core'
import { locateTool } from '../../scripts/tools.ts'

interface Row {
  readonly file: string
  readonly status: string
  readonly images: number
  readonly edits: number
  readonly unresolved: number
  readonly milliseconds: number
  readonly detail: string
}

const corpus = process.env.CHARTFERRY_CORPUS
const helm = locateTool('helm3')
if (corpus === undefined || helm === undefined) throw new Error('needs CHARTFERRY_CORPUS and helm 3')
const renderer = await helmRenderer({ binary: helm })
const part = process.argv[2] ?? ''
const names = (await readdir(join(corpus, 'charts')))
  .filter((name) => name.endsWith('.tgz') && name.includes(part))
  .sort()

async function relocateOne(file: string): Promise<Row> {
  const started = performance.now()
  const row = { file, images: 0, edits: 0, unresolved: 0, detail: '' }
  const took = (): number => Math.round(performance.now() - started)
  try {
    const source = archiveFile(join(corpus ?? '', 'charts', file))
    const original = await source.fetch(await source.resolve({ name: '' }))
    const { plan, proof } = await relocate(original, {
      to: 'registry.example.test:5000/mirror',
      renderer,
      allowUnresolved: true,
    })
    const { images, edits, unresolved } = plan
    const detail =
      unresolved.map(({ image }) => image).join(' ') || (proof.status === 'unverified' ? (proof.reasons[0] ?? '') : '')
    return {
      ...row,
      status: proof.status,
      images: images.length,
      edits: edits.length,
      unresolved: unresolved.length,
      milliseconds: took(),
      detail,
    }
  } catch (error) {
    const status = isChartferryError(error) ? `refused ${error.code}` : 'CRASH'
    return { ...row, status, milliseconds: took(), detail: messageOf(error) }
  }
}

const rows: Row[] = []
const queue = names.values()
async function work(): Promise<void> {
  for (const name of queue) {
    const row = await relocateOne(name)
    rows.push(row)
    const counts = `${row.images} images, ${row.edits} edits, ${row.unresolved} unresolved`
    console.log(
      `${row.status.padEnd(28)} ${row.file.padEnd(52)} ${counts}, ${row.milliseconds} ms  ${row.detail.replaceAll('\n', ' | ').slice(0, 220)}`,
    )
  }
}
await Promise.all([work(), work()])

const times = rows.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b)
console.log()
const groups = [...Map.groupBy(rows, ({ status }) => status)].sort(([a], [b]) => a.localeCompare(b))
for (const [status, of] of groups) console.log(`${String(of.length).padStart(4)}  ${status}`)
console.log(`${rows.length} charts, median ${times[Math.floor(times.length / 2)]} ms, worst ${times.at(-1)} ms`)
