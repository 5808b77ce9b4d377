// Many push to servers that share a store, many read, and the servers are killed amid it. Says what was lost.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { digestOf } from '@chartferry/core'
import { parseIndexFile } from '@chartferry/core/helm'
import { buildChart } from './charts.ts'
import { freePort } from './free-port.ts'
import { type Answer, ask } from './server.ts'

export interface KillOptions {
  /** Servers on one store. */
  readonly servers: number
  /** The command that starts one, ChartMuseum's flags behind it. */
  readonly command: readonly string[]
  /** Flags that name the store. */
  readonly storage: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly writers: number
  readonly readers: number
  readonly versions: number
  readonly kills: number
  /** Milliseconds for which an index may lack what another server has acknowledged. */
  readonly mayLag: number
}

/** What came of it; everything but the first three should be zero. */
export interface KillOutcome {
  readonly acknowledged: number
  readonly killed: number
  readonly reads: number
  /** Acknowledged versions that are not in the index in the end, or not served, or served with other bytes. */
  readonly unlisted: number
  readonly unserved: number
  readonly twice: number
  /**
   * Reads that showed an index without a version that had been acknowledged, or listed one that was not served whole.
   */
  readonly staleReads: number
  readonly brokenReads: number
  /** Of the rounds in which 16 push one version at once: those in which not exactly one got 201. */
  readonly wrongRaces: number
}

/** Our own command, from its sources. */
export const ownCommand: readonly string[] = [
  process.execPath,
  '--conditions=@chartferry/source',
  join(import.meta.dirname, '../../packages/cli/src/chartmuseum.ts'),
]

interface Running {
  readonly url: string
  kill(): Promise<void>
  stop(): Promise<void>
}

/** Runs it. */
export async function pushAndKill(options: KillOptions): Promise<KillOutcome> {
  const { servers, writers, readers, versions, kills, mayLag } = options
  const running = await Promise.all(Array.from({ length: servers }, () => startServer(options)))
  const urlOf = (at: number): string => running[at % servers]?.url ?? ''
  const acknowledged = new Map<string, { readonly digest: string; readonly at: number }>()
  let next = 0
  let killed = 0
  let reads = 0
  let staleReads = 0
  let brokenReads = 0
  let isOver = false

  async function write(writer: number): Promise<void> {
    while (next < versions) {
      const version = `1.0.${next++}`
      const bytes = await buildChart({ name: `chart-${writer % 7}`, version, values: `writer: ${writer}\n` })
      const file = `chart-${writer % 7}-${version}.tgz`
      for (let attempt = 0; ; attempt++) {
        const answer = await ask(urlOf(writer + attempt), '/api/charts', { method: 'POST', body: bytes }).catch(
          () => undefined,
        )
        // A push whose answer was lost may have been taken: then the next attempt says so.
        if (answer?.status === 201 || (answer?.status === 409 && attempt > 0)) break
        if (answer !== undefined && answer.status < 500)
          throw new Error(`${file}: ${answer.status} ${answer.body.toString()}`)
        await new Promise((done) => setTimeout(done, 20))
      }
      acknowledged.set(file, { digest: digestOf(bytes), at: performance.now() })
    }
  }

  async function read(reader: number): Promise<void> {
    while (!isOver) {
      const start = performance.now()
      const answer = await ask(urlOf(reader), '/index.yaml').catch(() => undefined)
      if (answer?.status !== 200) {
        await new Promise((done) => setTimeout(done, 20))
        continue
      }
      reads++
      const listed = filesOf(answer)
      for (const [file, { at }] of acknowledged) if (at < start - mayLag && !listed.has(file)) staleReads++
      const [file, digest] = [...listed][Math.floor(Math.random() * listed.size)] ?? []
      if (file === undefined) continue
      const archive = await ask(urlOf(reader + 1), `/charts/${file}`).catch(() => undefined)
      if (archive !== undefined && (archive.status !== 200 || digestOf(archive.body) !== digest)) brokenReads++
    }
  }

  async function killNow(): Promise<void> {
    while (killed < kills) {
      const due = ((killed + 1) * versions) / (kills + 1)
      while (acknowledged.size < due) await new Promise((done) => setTimeout(done, 10))
      await running[killed++ % servers]?.kill()
    }
  }

  const reading = Array.from({ length: readers }, (_, reader) => read(reader))
  await Promise.all([...Array.from({ length: writers }, (_, writer) => write(writer)), killNow()])
  isOver = true
  await Promise.all(reading)
  const wrongRaces = await race(urlOf)
  let unlisted = 0
  let unserved = 0
  let twice = 0
  for (const { url } of running) {
    const answer = await ask(url, '/index.yaml')
    const listed = filesOf(answer)
    twice += [...parseIndexFile(answer.body).skipped].length
    for (const [file, { digest }] of acknowledged) {
      if (listed.get(file) !== digest) unlisted++
      const archive = await ask(url, `/charts/${file}`)
      if (archive.status !== 200 || digestOf(archive.body) !== digest) unserved++
    }
  }
  for (const server of running) await server.stop()
  const counts = { unlisted, unserved, twice, staleReads, brokenReads, wrongRaces }
  return { acknowledged: acknowledged.size, killed, reads, ...counts }
}

/** 16 writers of one version, ten times. */
async function race(urlOf: (at: number) => string): Promise<number> {
  let wrong = 0
  for (let round = 0; round < 10; round++) {
    const rivals = await Promise.all(
      Array.from({ length: 16 }, (_, writer) =>
        buildChart({ name: 'rival', version: `1.0.${round}`, values: `writer: ${writer}\n` }),
      ),
    )
    const answers = await Promise.all(
      rivals.map((bytes, writer) => ask(urlOf(writer), '/api/charts', { method: 'POST', body: bytes })),
    )
    const winners = answers.flatMap(({ status }, writer) => (status === 201 ? [digestOf(rivals[writer] ?? '')] : []))
    const served = digestOf((await ask(urlOf(round), `/charts/rival-1.0.${round}.tgz`)).body)
    if (winners.length !== 1 || winners[0] !== served) wrong++
  }
  return wrong
}

function filesOf(answer: Answer): Map<string, string> {
  const files = new Map<string, string>()
  for (const versions of parseIndexFile(answer.body).entries.values())
    for (const { name, version, digest = '' } of versions) files.set(`${name}-${version}.tgz`, digest)
  return files
}

/** A server that can be killed, and is started again on the same port. */
async function startServer({ command, storage, environment = {} }: KillOptions): Promise<Running> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const [program = '', ...before] = command
  const args = [...before, `--port=${port}`, '--listen-host=127.0.0.1', ...storage]
  const start = async (): Promise<ChildProcess> => {
    for (let attempt = 1; ; attempt++) {
      const child = spawn(program, args, { stdio: 'ignore', env: { ...process.env, ...environment } })
      while (child.exitCode === null) {
        if ((await fetch(`${url}/health`).catch(() => undefined)) !== undefined) return child
        await new Promise((done) => setTimeout(done, 20))
      }
      if (attempt === 10) throw new Error(`${program} did not start again: it ended with ${child.exitCode}`)
    }
  }
  const end = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
  let child = await start()
  return {
    url,
    kill: async () => {
      await end(child, 'SIGKILL')
      child = await start()
    },
    stop: () => end(child, 'SIGTERM'),
  }
}
