// Every chart of the corpus through the proxy with helm: bytes and provenance as the upstream has them, then again
// without the upstream.
// CHARTFERRY_CORPUS=FOLDER node --conditions=@chartferry/source test/bench/proxy-corpus.ts
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { locateTool } from '../../scripts/tools.ts'
import { startCorpusRepository } from '../kit/corpus-charts.ts'
import { openHelm } from '../kit/helm.ts'
import { startServer, type TestServer } from '../kit/server.ts'

const corpus = process.env.CHARTFERRY_CORPUS
const helms = (['helm3', 'helm4'] as const).map((name) => [name, locateTool(name)] as const)
if (corpus === undefined) throw new Error('needs CHARTFERRY_CORPUS')

const { upstream, charts } = await startCorpusRepository(corpus)
const server = await startServer({ repositories: { up: upstream.url }, settings: { freshFor: '1h' } })
let wrong = 0
for (const [tool, path] of helms) {
  if (path === undefined) {
    console.log(`${tool}: missing, skipped`)
    wrong++
    continue
  }
  await upstream.start().catch(() => {})
  wrong += await pullAll(`${tool}, upstream there`, path, server)
  await upstream.stop()
  wrong += await pullAll(`${tool}, upstream gone`, path, server)
  const later = await startServer({ repositories: { up: upstream.url }, data: server.data })
  wrong += await pullAll(`${tool}, upstream gone, server new`, path, later)
  await later.close()
}
const archives = new Set(charts.map(({ file }) => file))
const often = [...archives].filter((file) => upstream.count(`charts/${file}`) > 1)
console.log(`archives fetched more than once from the upstream: ${often.length}`)
await server.close()
process.exitCode = wrong === 0 && often.length === 0 ? 0 : 1

async function pullAll(title: string, path: string, from: TestServer): Promise<number> {
  const start = performance.now()
  const helm = await openHelm(path)
  const target = join(helm.folder, 'pulled')
  await mkdir(target)
  await helm.must('repo', 'add', 'up', `${from.url}/up`)
  const found = JSON.parse(await helm.must('search', 'repo', '-l', '--devel', '-o', 'json')) as unknown[]
  let bad = 0
  let provenances = 0
  for (const { name, version, file } of charts) {
    const signed = upstream.files.has(`charts/${file}.prov`)
    const run = await helm.run('pull', `up/${name}`, '--version', version, '-d', target, ...(signed ? ['--prov'] : []))
    const alike = run.code === 0 && (await sameBytes(join(target, file), `charts/${file}`))
    const sameProvenance = !signed || (await sameBytes(join(target, `${file}.prov`), `charts/${file}.prov`))
    if (signed && sameProvenance) provenances++
    if (!alike || !sameProvenance) {
      bad++
      console.log(`  ${file}: ${run.stderr.trim()}`)
    }
    await rm(join(target, file), { force: true })
  }
  await helm.close()
  const seconds = Math.round((performance.now() - start) / 1000)
  console.log(
    `${title}: ${charts.length - bad} of ${charts.length} charts byte for byte, ${provenances} provenance files, ${found.length} found by search, ${seconds} s`,
  )
  return bad
}

async function sameBytes(file: string, served: string): Promise<boolean> {
  const bytes = await readFile(file).catch(() => Buffer.alloc(0))
  return bytes.equals(upstream.files.get(served) ?? Buffer.from('absent'))
}
