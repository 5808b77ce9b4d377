// What helm takes for a repository with a large index: at the upstream itself, through the server, and through a
// sub-index; medians of seven, taken in turns.
// CHARTFERRY_CORPUS=FOLDER node --conditions=@chartferry/source test/bench/large-index.ts
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOf } from '@chartferry/core'
import { digestHex } from '@chartferry/core/internal'
import { locateTool } from '../../scripts/tools.ts'
import { buildChart } from '../kit/charts.ts'
import { openHelm } from '../kit/helm.ts'
import { startServer } from '../kit/server.ts'
import { startUpstream } from '../kit/upstream.ts'

const corpus = process.env.CHARTFERRY_CORPUS
const helm3 = locateTool('helm3')
if (corpus === undefined || helm3 === undefined) throw new Error('needs CHARTFERRY_CORPUS and helm')

const upstream = await startUpstream()
const bytes = await buildChart({ name: 'bench' })
upstream.files.set('bench-1.0.0.tgz', bytes)
const large = await readFile(join(corpus, 'index/helm-stable-regenerated.index.yaml'), 'utf8')
const entry = `  bench:\n  - {apiVersion: v2, name: bench, version: 1.0.0, urls: [bench-1.0.0.tgz], digest: ${digestHex(digestOf(bytes))}}\n`
upstream.setIndex(large.replace('entries:\n', `entries:\n${entry}`))
const server = await startServer({
  repositories: { up: upstream.url },
  settings: { freshFor: '1h', logLevel: 'silent' },
})
const start = performance.now()
let longest = 0
let last = start
const beat = setInterval(() => {
  longest = Math.max(longest, performance.now() - last)
  last = performance.now()
}, 5)
await server.ask('/up/index.yaml')
clearInterval(beat)
const first = Math.round(performance.now() - start)
console.log(`first index: ${first} ms, the event loop stood still for ${Math.round(longest)} ms at most`)

const ways = {
  direct: upstream.url,
  server: `${server.url}/up`,
  'sub-index': `${server.url}/up/only/bench,mysql,redis`,
}
const commands: Readonly<Record<string, readonly string[]>> = {
  'repo update': ['repo', 'update'],
  search: ['search', 'repo', 'bench'],
  pull: ['pull', 'r/bench'],
}
const times = new Map<string, number[]>()
for (let round = 0; round < 7; round++) {
  for (const [way, url] of Object.entries(ways)) {
    const helm = await openHelm(helm3)
    for (const [command, args] of Object.entries({ 'repo add': ['repo', 'add', 'r', url], ...commands })) {
      const began = performance.now()
      await helm.must(...args)
      const name = `${command} ${way}`
      times.set(name, [...(times.get(name) ?? []), performance.now() - began])
    }
    await helm.close()
  }
}
const median = (name: string): number => times.get(name)?.sort((a, b) => a - b)[3] ?? 0
for (const command of ['repo add', ...Object.keys(commands)]) {
  const direct = median(`${command} direct`)
  const cells = Object.keys(ways).map((way) => {
    const time = median(`${command} ${way}`)
    return `${way} ${Math.round(time)} ms (${(direct / time).toFixed(1)})`
  })
  console.log(`${command.padEnd(12)} ${cells.join('   ')}`)
}
await server.close()
await upstream.close()
