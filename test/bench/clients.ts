// What helm 3 and helm 4 can do with a server in a process of its own, as a table: every index file and every chart of a corpus, each
// command judged by what it gives at the upstream itself.
// CHARTFERRY_CORPUS=FOLDER node --conditions=@chartferry/source test/bench/clients.ts [helm3|helm4 ...]
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { digestOf } from '@chartferry/core'
import { digestHex } from '@chartferry/core/internal'
import { locateTool } from '../../scripts/tools.ts'
import { type CorpusChart, startCorpusRepository } from '../kit/corpus-charts.ts'
import { type Helm, type HelmRun, openHelm } from '../kit/helm.ts'
import { startProcess } from '../kit/server-process.ts'
import { createSigningKey } from '../kit/signing-key.ts'
import { startUpstream } from '../kit/upstream.ts'

const corpus = process.env.CHARTFERRY_CORPUS
const key = await createSigningKey()
if (corpus === undefined || key === undefined) throw new Error('needs CHARTFERRY_CORPUS and gpg')
const keyring = key.publicKeyring
const asked = process.argv.slice(2)
const tools = (['helm3', 'helm4'] as const).filter((name) => asked.length === 0 || asked.includes(name))

const { upstream, charts } = await startCorpusRepository(corpus, (file, bytes, chartYaml) =>
  key.clearSign(`${chartYaml.trimEnd()}\n\n...\nfiles:\n  ${file}: sha256:${digestHex(digestOf(bytes))}\n`),
)
const indexes = await startUpstream()
const indexNames: string[] = []
for (const file of (await readdir(join(corpus, 'index'))).sort()) {
  const name = basename(file, '.yaml').replaceAll('.', '-')
  indexNames.push(name)
  indexes.files.set(`${name}/index.yaml`, await readFile(join(corpus, 'index', file)))
}
const server = await startProcess({
  freshFor: '1h',
  repositories: {
    up: { url: upstream.url },
    all: { kind: 'group', members: ['up'] },
    ...Object.fromEntries(indexNames.map((name) => [name, { url: `${indexes.url}/${name}` }])),
  },
})

/** What one command gave, of all that it was tried with. */
interface Tally {
  works: number
  /** Does not work at the upstream itself, either. */
  sameThere: number
  readonly wrong: string[]
}

const table = new Map<string, Map<string, Tally>>()
function tallyOf(action: string, tool: string): Tally {
  const row = table.get(action) ?? new Map<string, Tally>()
  table.set(action, row)
  const tally = row.get(tool) ?? { works: 0, sameThere: 0, wrong: [] }
  row.set(tool, tally)
  return tally
}

/** Notes an outcome; where it is none, `there` says whether the upstream itself gives one. */
async function note(
  [action, tool]: readonly [string, string],
  what: string,
  run: HelmRun,
  isRight: boolean,
  there: () => Promise<boolean>,
): Promise<void> {
  const tally = tallyOf(action, tool)
  if (run.code === 0 && isRight) tally.works++
  else if (!(await there())) tally.sameThere++
  else tally.wrong.push(`${what}: ${run.stderr.trim().split('\n').at(-1) || 'other bytes'}`)
}

for (const tool of tools) {
  const path = locateTool(tool)
  if (path === undefined) throw new Error(`needs ${tool}`)
  await tryIndexes(tool, path)
  await tryCharts(tool, path)
  await tryDependencies(tool, path)
}

console.log(`| | ${tools.join(' | ')} |`)
console.log(`|---|${'---|'.repeat(tools.length)}`)
for (const [action, row] of table) {
  const cells = tools.map((tool) => {
    const { works, sameThere, wrong } = tallyOf(action, tool)
    const all = works + sameThere + wrong.length
    return `${works} of ${all}${sameThere > 0 ? ` (${sameThere} not at the upstream, either)` : ''}`
  })
  console.log(`| ${action} | ${cells.join(' | ')} |`)
  for (const [tool, { wrong }] of row) for (const line of wrong) console.log(`    ${tool}: ${line}`)
}
const log = await server.log()
console.log(
  `${server.peakMemory()} MB at most, ${server.processor().toFixed(1)} s of processor; ${(log.match(/"INTERNAL"/g) ?? []).length} faults of the server`,
)
await server.close()
await upstream.close()
await indexes.close()
await key.close()
process.exitCode = [...table.values()].some((row) => [...row.values()].some(({ wrong }) => wrong.length > 0)) ? 1 : 0

async function tryIndexes(tool: string, path: string): Promise<void> {
  for (const name of indexNames) {
    const [direct, ours] = [await openHelm(path), await openHelm(path)]
    const steps = [
      ['repo add', ['repo', 'add', 'r', '']],
      ['repo update', ['repo', 'update']],
      ['search', ['search', 'repo', '-l', '--devel', '-o', 'json']],
    ] as const
    for (const [action, args] of steps) {
      const at = (helm: Helm, url: string): Promise<HelmRun> => helm.run(...args.map((word) => word || url))
      const [there, here] = [await at(direct, `${indexes.url}/${name}`), await at(ours, `${server.url}/${name}`)]
      const isRight = action !== 'search' || shown(there) === shown(here)
      await note([`${action}: index files`, tool], name, here, isRight, async () => there.code === 0)
    }
    await direct.close()
    await ours.close()
  }
}

/** What a search shows, in an order of its own: helm does not order what is equally good. */
function shown({ code, stdout }: HelmRun): string {
  if (code !== 0) return ''
  return (JSON.parse(stdout) as unknown[])
    .map((line) => JSON.stringify(line))
    .sort()
    .join('\n')
}

async function tryCharts(tool: string, path: string): Promise<void> {
  const [direct, ours] = [await openHelm(path), await openHelm(path)]
  await direct.must('repo', 'add', 'up', upstream.url)
  await ours.must('repo', 'add', 'up', `${server.url}/up`)
  let next = 0
  const take = async (chart: CorpusChart): Promise<void> => {
    const { name, version, file } = chart
    const folder = join(ours.folder, `pulled-${next}-${name}`)
    await mkdir(folder)
    const pulls = {
      pull: [`up/${name}`],
      'pull --verify': [`up/${name}`, '--verify', '--keyring', keyring],
      'pull --prov': [`up/${name}`, '--prov'],
      'pull oci://': [`oci://${server.url.slice('http://'.length)}/up/${name}`, '--plain-http'],
    }
    for (const [action, args] of Object.entries(pulls)) {
      const into = join(folder, action.replace(/\W+/g, '-'))
      await mkdir(into)
      const run = await ours.run('pull', ...args, '--version', version, '-d', into)
      // By oci:// helm names the file after the chart and its version.
      const [written = ''] = (await readdir(into)).filter((found) => found.endsWith('.tgz'))
      const isNamed = action === 'pull oci://' || written === file
      const isProven = !/--/.test(action) || (await sameBytes(join(into, `${file}.prov`), `charts/${file}.prov`))
      const isRight = isNamed && isProven && (await sameBytes(join(into, written), `charts/${file}`))
      await note([`${action}: charts`, tool], file, run, isRight, async () => {
        // What helm cannot name as a reference it cannot pull from any registry.
        if (action === 'pull oci://') return !/invalid_reference|invalid repository|invalid reference/.test(run.stderr)
        return (await direct.run('pull', ...args, '--version', version, '-d', folder)).code === 0
      })
    }
    const here = await ours.run('template', 'release', `up/${name}`, '--version', version)
    const archive = join(corpus ?? '', 'charts', file)
    const [once, twice] = [
      await direct.run('template', 'release', archive),
      await direct.run('template', 'release', archive),
    ]
    const lines = (run: HelmRun): number => run.stdout.split('\n').length
    const isRandom = once.stdout !== twice.stdout
    const isRight = isRandom ? lines(here) === lines(once) : here.stdout === once.stdout
    await note(['template: charts', tool], file, here, isRight, async () => once.code === 0)
    await rm(folder, { recursive: true, force: true })
  }
  const worker = async (): Promise<void> => {
    for (;;) {
      const chart = charts[next++]
      if (chart === undefined) return
      await take(chart)
    }
  }
  await Promise.all([worker(), worker()])
  await direct.close()
  await ours.close()
}

async function sameBytes(file: string, served: string): Promise<boolean> {
  const bytes = await readFile(file).catch(() => undefined)
  return bytes?.equals(upstream.files.get(served) ?? Buffer.of()) === true
}

/** Umbrellas of ten charts, whose repositories are the proxy's in all the ways that it has. */
async function tryDependencies(tool: string, path: string): Promise<void> {
  for (let at = 0; at < charts.length; at += 10) {
    const some = charts.slice(at, at + 10)
    const names = some.map(({ name }) => name).join(',')
    const repositories = ['up', 'all', `up/only/${names}`].map((name) => `${server.url}/${name}`)
    const oci = `oci://${server.url.slice('http://'.length)}/up`
    const run = await build(path, some, [...repositories, oci])
    const tally = tallyOf('dependency build: charts in umbrellas', tool)
    if (run === undefined) {
      tally.works += some.length
      continue
    }
    for (const chart of some) {
      const alone = await build(path, [chart], repositories.slice(0, 1))
      if (alone === undefined) tally.works++
      else if ((await build(path, [chart], [upstream.url])) !== undefined) tally.sameThere++
      else tally.wrong.push(`${chart.file}: ${alone}`)
    }
  }
}

/** Updates the dependencies of an umbrella, then builds them by its lock at another machine; gives what was wrong. */
async function build(
  path: string,
  some: readonly CorpusChart[],
  repositories: readonly string[],
): Promise<string | undefined> {
  const dependencies = some.map(({ name, version }, index) => ({
    name,
    version,
    alias: `d${index}`,
    repository: repositories[index % repositories.length],
  }))
  const umbrella = { apiVersion: 'v2', name: 'umbrella', version: '1.0.0', dependencies }
  let lock: Buffer | undefined
  for (const verb of ['update', 'build']) {
    const helm = await openHelm(path)
    try {
      await mkdir(join(helm.folder, 'umbrella'))
      await writeFile(join(helm.folder, 'umbrella/Chart.yaml'), JSON.stringify(umbrella))
      if (lock !== undefined) await writeFile(join(helm.folder, 'umbrella/Chart.lock'), lock)
      for (const [index, url] of repositories.filter((one) => one.startsWith('http')).entries())
        await helm.must('repo', 'add', `r${index}`, url)
      const run = await helm.run('dependency', verb, 'umbrella', '--plain-http')
      if (run.code !== 0) return `${verb}: ${run.stderr.trim().split('\n').at(-1)}`
      lock = await readFile(join(helm.folder, 'umbrella/Chart.lock'))
      const there = await readdir(join(helm.folder, 'umbrella/charts'))
      const bytes = await Promise.all(there.map((file) => readFile(join(helm.folder, 'umbrella/charts', file))))
      for (const { file } of some) {
        const right = Buffer.from(upstream.files.get(`charts/${file}`) ?? [])
        if (!bytes.some((one) => one.equals(right))) return `${verb}: other bytes`
      }
    } finally {
      await helm.close()
    }
  }
  return undefined
}
