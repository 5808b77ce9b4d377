// A crowd before a cold server, and what the refresh of a large index costs those who ask for something else: upstream requests, the
// 99th percentile of their answers, the server's memory. The server is a process of its own.
// CHARTFERRY_CORPUS=FOLDER node --conditions=@chartferry/source test/bench/crowd.ts
import { readFile } from 'node:fs/promises'
import { Agent, get } from 'node:http'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startProcess } from '../kit/server-process.ts'
import { startUpstream } from '../kit/upstream.ts'

const corpus = process.env.CHARTFERRY_CORPUS
if (corpus === undefined) throw new Error('needs CHARTFERRY_CORPUS')
const agent = new Agent({ keepAlive: true, maxSockets: 1000 })

function fetched(url: string): Promise<{ readonly status: number; readonly body: Buffer; readonly ms: number }> {
  const began = performance.now()
  return new Promise((done, fail) => {
    get(url, { agent }, (response) => {
      response.toArray().then((pieces: Buffer[]) => {
        done({ status: response.statusCode ?? 0, body: Buffer.concat(pieces), ms: performance.now() - began })
      }, fail)
    }).on('error', fail)
  })
}

const small = await startUpstream([{ name: 'web', files: { 'files/noise.txt': Buffer.alloc(54_000, 'abcdefgh') } }])
const large = await startUpstream()
const text = await readFile(join(corpus, 'index/helm-stable-regenerated.index.yaml'), 'utf8')
large.setIndex(text)
const server = await startProcess({
  repositories: { small: { url: small.url, freshFor: '1h' }, large: { url: large.url } },
})
/** What lives, and what the process takes with it. */
async function living(): Promise<string> {
  const { heap, external, resident } = await server.live()
  return `collected: ${heap} MB of objects, ${external} MB of bytes, the process takes ${resident} MB`
}
console.log(`at the start: ${server.memory()} MB; ${await living()}`)

const cold = await Promise.all(Array.from({ length: 200 }, () => fetched(`${server.url}/small/index.yaml`)))
const index = JSON.parse(cold[0]?.body.toString() ?? '') as { entries: { web: { urls: string[] }[] } }
const archive = `${server.url}/small/${index.entries.web[0]?.urls[0]}`
const archives = await Promise.all(Array.from({ length: 200 }, () => fetched(archive)))
const isGood = [...cold, ...archives].every(({ status }) => status === 200)
console.log(
  `200 cold clients each: ${small.count('index.yaml')} upstream request for the index, ${small.count('charts/web-1.0.0.tgz')} for the archive, ${isGood ? 'all answered' : 'SOME FAILED'}`,
)
const first = await Promise.all(Array.from({ length: 200 }, () => fetched(`${server.url}/large/index.yaml`)))
console.log(
  `200 cold clients of the large index: ${large.count('index.yaml')} upstream request, ${first.filter(({ status }) => status === 200).length} answered, slowest ${Math.round(Math.max(...first.map(({ ms }) => ms)))} ms, ${server.memory()} MB now, ${server.peakMemory()} MB at most`,
)
await wait(2000)
console.log(`two seconds later: ${server.memory()} MB; ${await living()}`)

/** Sixteen clients ask for small things, until the end. */
async function others(milliseconds: number, meanwhile: () => Promise<void>): Promise<string> {
  const times: number[] = []
  const end = performance.now() + milliseconds
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      for (const url of [archive, `${server.url}/small/index.yaml`]) times.push((await fetched(url)).ms)
    }
  }
  await Promise.all([...Array.from({ length: 16 }, client), meanwhile()])
  times.sort((a, b) => a - b)
  const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(1)
  return `${times.length} answers, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, p99.9 ${at(0.999)} ms, slowest ${(times.at(-1) ?? 0).toFixed(1)} ms`
}

console.log(`others, nothing else going on: ${await others(8000, async () => {})}`)
let refreshes = 0
const refreshing = async (): Promise<void> => {
  for (let round = 0; round < 6; round++) {
    large.setIndex(
      text.replace(/^generated:.*$/m, `generated: "2026-01-01T00:00:${10 + round}Z"`).concat(`# ${round}\n`),
    )
    const { status } = await fetched(`${server.url}/large/index.yaml`)
    if (status === 200) refreshes++
    await wait(500)
  }
}
console.log(`others, while the large index is refreshed: ${await others(12_000, refreshing)}`)
console.log(`${refreshes} refreshes; ${server.memory()} MB now, ${server.peakMemory()} MB at most; ${await living()}`)
agent.destroy()
await server.close()
await small.close()
await large.close()
