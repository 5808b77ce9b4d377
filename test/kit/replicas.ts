// Several servers on one store as processes of their own, each of which can be killed, paused and started again at its
// address.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { ask } from './server.ts'

const bin = join(import.meta.dirname, '../../packages/cli/src/bin.ts')

export interface Replica {
  readonly url: string
  /** Undefined while it does not run. */
  readonly pid: number | undefined
  /** Starts it, and waits until it is ready. */
  start(): Promise<void>
  /** Sends a signal; with SIGKILL it is gone when this returns. */
  signal(signal: NodeJS.Signals): Promise<void>
  log(): Promise<string>
  close(): Promise<void>
}

export interface ReplicaOptions {
  readonly settings: Readonly<Record<string, unknown>>
  readonly environment?: Readonly<Record<string, string>>
}

/** Chooses an address for a server; it does not run yet. */
export async function prepareReplica({ settings, environment = {} }: ReplicaOptions): Promise<Replica> {
  const folder = await mkdtemp(join(tmpdir(), 'chartferry-replica-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const file = join(folder, 'server.yaml')
  const log = join(folder, 'log')
  await writeFile(file, JSON.stringify({ listen: `127.0.0.1:${port}`, freshFor: '0s', retryAfter: '0s', ...settings }))
  let child: ChildProcess | undefined

  async function isReady(): Promise<boolean> {
    const answer = await ask(url, '/readyz').catch(() => undefined)
    return answer?.status === 200
  }

  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (child === undefined) return
    const ended = once(child, 'exit')
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal)
      // One that is paused hears nothing else.
      child.kill('SIGCONT')
      await ended
    }
    child = undefined
  }

  return {
    url,
    get pid() {
      return child?.pid
    },
    start: async () => {
      const started = spawn(process.execPath, ['--conditions=@chartferry/source', bin, 'serve', '--config', file], {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, ...environment },
        cwd: folder,
      })
      child = started
      started.stderr.pipe(createWriteStream(log, { flags: 'a' }))
      while (!(await isReady()))
        if (started.exitCode !== null) throw new Error(`the server ended: ${await readFile(log, 'utf8')}`)
    },
    signal: async (signal) => {
      if (signal === 'SIGKILL') await stop(signal)
      else child?.kill(signal)
    },
    log: () => readFile(log, 'utf8'),
    close: async () => {
      await stop('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}
