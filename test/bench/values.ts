// Compares our reading of every values.yaml of the corpus with helm's, replaces every scalar of each and asks again.
// CHARTFERRY_CORPUS=FOLDER node --conditions=@chartferry/source test/bench/values.ts [NAME-PART]
import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Chart, readChartArchive } from '@chartferry/core'
import { parseYaml } from '@chartferry/core/helm'
import { messageOf } from '@chartferry/core/internal'
import { replaceScalars } from '../../packages/core/src/helm/yaml/edit.ts'
import { readScalars } from '../../packages/core/src/helm/yaml/scalars.ts'
import { locateTool } from '../../scripts/tools.ts'
import { buildChart } from '../kit/charts.ts'

const corpus = process.env.CHARTFERRY_CORPUS
const helm = locateTool('helm3')
if (corpus === undefined || helm === undefined) throw new Error('needs CHARTFERRY_CORPUS and helm 3')
const helmPath = helm
const part = process.argv[2] ?? ''
const charts = join(corpus, 'charts')
const files = (await readdir(charts)).filter((name) => name.endsWith('.tgz') && name.includes(part)).sort()
const workFolder = await mkdtemp(join(tmpdir(), 'chartferry-bench-'))

/** New texts that try every style: plain, quoted for their type, with quotes and escapes, of many lines, empty. */
const texts = ['reg.local:5000/x', '1.10', 'yes', 'it\'s "q" \\ # x: y', 'two\nlines\n', 'a: b', '{{ tpl }}', '']

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]))
}

/** The values that helm has of a values file, as JSON with sorted keys; a failure is a text, too. */
async function helmReading(text: string): Promise<string> {
  const archive = join(workFolder, 'values.tgz')
  // Printed from a file of the chart: as its values, helm would add `global` and drop null.
  const templates = { 'values.txt': 'json: {{ .Files.Get "values" | fromYaml | toJson | b64enc }}\n' }
  await writeFile(archive, await buildChart({ name: 'values', files: { values: text }, templates }))
  try {
    const printed = execFileSync(helmPath, ['template', archive], {
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
      stdio: 'pipe',
    })
    const json = Buffer.from(/^json: (\S+)$/m.exec(printed)?.[1] ?? '', 'base64').toString()
    return JSON.stringify(sorted(JSON.parse(json)))
  } catch (error) {
    return messageOf(error)
  }
}

function ourReading(text: string): string {
  try {
    return JSON.stringify(sorted(parseYaml(text) ?? {}))
  } catch (error) {
    return messageOf(error)
  }
}

function editAll(text: string): { readonly edited: string; readonly edits: number } {
  const scalars = readScalars(text).filter(({ start, alias }) => start >= 0 && alias === undefined)
  const edits = scalars.map(({ path }, index) => ({ path, value: texts[index % texts.length] ?? '' }))
  return { edited: replaceScalars(text, edits), edits: edits.length }
}

function valuesOf(chart: Chart): string[] {
  const own = chart.files.get('values.yaml')
  return [...(own ? [Buffer.from(own).toString()] : []), ...chart.subcharts.flatMap(valuesOf)]
}

const seen = new Set<string>()
const counts = { 'values files': 0, 'read alike': 0, 'edited and read alike': 0, 'scalars replaced': 0 }
for (const file of files) {
  const { chart } = await readChartArchive(await readFile(join(charts, file)), { fileName: file })
  for (const text of valuesOf(chart)) {
    if (seen.has(text)) continue
    seen.add(text)
    counts['values files'] += 1
    if ((await helmReading(text)) === ourReading(text)) counts['read alike'] += 1
    else console.log(`${file}: a values.yaml is read otherwise: ${ourReading(text).slice(0, 100)}`)
    try {
      const { edited, edits } = editAll(text)
      counts['scalars replaced'] += edits
      if ((await helmReading(edited)) === ourReading(edited)) counts['edited and read alike'] += 1
      else console.log(`${file}: an edited values.yaml is read otherwise`)
    } catch (error) {
      console.log(`${file}: ${messageOf(error)}`)
    }
  }
}
await rm(workFolder, { recursive: true })
console.table(counts)
if (counts['edited and read alike'] < counts['values files']) process.exitCode = 1
