// Every index file of the corpus, read by helm and by us: the same verdict, the same chart versions, and nothing lost
// in what we write.
// CHARTFERRY_CORPUS=FOLDER node --conditions=@chartferry/source test/bench/index-files.ts
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { formatIndexFile, type IndexFile, parseIndexFile } from '@chartferry/core/helm'
import { messageOf } from '@chartferry/core/internal'
import { locateTool } from '../../scripts/tools.ts'
import { openHelm } from '../kit/helm.ts'
import { startUpstream } from '../kit/upstream.ts'

const corpus = process.env.CHARTFERRY_CORPUS
const helmPath = locateTool('helm3')
if (corpus === undefined || helmPath === undefined) throw new Error('needs CHARTFERRY_CORPUS and helm 3')
const helmBinary = helmPath

interface Shown {
  readonly name: string
  readonly version: string
  readonly app_version: string
  readonly description: string
}

const folder = join(corpus, 'index')
let wrong = 0
console.log(
  'index file | bytes | helm shows | we keep | skipped | alike | our JSON alike | our YAML alike | parse ms | write ms',
)
for (const name of (await readdir(folder)).sort()) {
  const bytes = await readFile(join(folder, name))
  const direct = await searchWithHelm(bytes)
  const start = performance.now()
  const index = parse(bytes)
  const parsed = performance.now()
  if (typeof index === 'string' || direct === undefined) {
    const alike = typeof index === 'string' && direct === undefined
    if (!alike) wrong++
    console.log(
      [name, bytes.length, direct?.length ?? 'refused', typeof index === 'string' ? index : 'accepted', alike].join(
        ' | ',
      ),
    )
    continue
  }
  const json = formatIndexFile(index, 'json')
  const written = performance.now()
  const kept = [...index.entries].flatMap(([chart, versions]) => versions.map(({ version }) => `r/${chart} ${version}`))
  const verdicts = [
    same(
      kept,
      direct.map((shown) => `${shown.name} ${shown.version}`),
    ),
    same(lines(await searchWithHelm(Buffer.from(json))), lines(direct)),
    same(lines(await searchWithHelm(Buffer.from(formatIndexFile(index, 'yaml')))), lines(direct)),
  ]
  if (verdicts.includes(false)) wrong++
  const times = [parsed - start, written - parsed].map(Math.round)
  console.log([name, bytes.length, direct.length, kept.length, index.skipped.length, ...verdicts, ...times].join(' | '))
}
console.log(wrong === 0 ? 'all alike' : `${wrong} differ`)
process.exitCode = wrong === 0 ? 0 : 1

function parse(bytes: Uint8Array): IndexFile | string {
  try {
    return parseIndexFile(bytes)
  } catch (thrown) {
    return `refused: ${messageOf(thrown)}`
  }
}

function lines(shown: readonly Shown[] | undefined): string[] {
  return (shown ?? []).map((one) => JSON.stringify([one.name, one.version, one.app_version, one.description]))
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.toSorted().join('\n') === b.toSorted().join('\n')
}

/** All versions that helm shows of an index; undefined when it refuses it. */
async function searchWithHelm(bytes: Uint8Array): Promise<readonly Shown[] | undefined> {
  const upstream = await startUpstream()
  upstream.files.set('index.yaml', bytes)
  const helm = await openHelm(helmBinary)
  try {
    if ((await helm.run('repo', 'add', 'r', upstream.url)).code !== 0) return undefined
    return JSON.parse(await helm.must('search', 'repo', '-l', '--devel', '-o', 'json')) as Shown[]
  } finally {
    await helm.close()
    await upstream.close()
  }
}
