// The server as a process of its own, so that its memory and its time are not the test's.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'

const bin = join(import.meta.dirname, '../../packages/cli/src/bin.ts')

export interface ServerProcess {
  readonly url: string
  readonly pid: number
  /** MB that it takes now, and the most that it ever took. */
  memory(): number
  peakMemory(): number
  /** MB that live after everything was collected: objects, and bytes outside of the heap. */
  live(): Promise<LiveMemory>
  /** Seconds of processor that it has taken. */
  processor(): number
  /** What it has logged. */
  log(): Promise<string>
  close(): Promise<void>
}

export interface LiveMemory {
  readonly heap: number
  readonly external: number
  /** What the process takes right then. */
  readonly resident: number
}

/**
 * Starts a server with the settings of a configuration file, on a free port and with a data folder of its own. `before`
 * is what the shell does first, such as setting limits.
 */
export async function startProcess(settings: Readonly<Record<string, unknown>>, before = ':'): Promise<ServerProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'chartferry-process-'))
  const config = { listen: '127.0.0.1:0', data: join(folder, 'data'), freshFor: '0s', ...settings }
  await writeFile(join(folder, 'server.yaml'), JSON.stringify(config))
  const shell = `${before}; exec "$0" "$@" 2> "${folder}/log"`
  const report = join(folder, 'memory.json')
  const measured = ['--expose-gc', '--import', new URL('./report-memory.ts', import.meta.url).href]
  const args = ['--conditions=@chartferry/source', ...measured, bin, 'serve', '--config', join(folder, 'server.yaml')]
  const child = spawn('/bin/sh', ['-c', shell, process.execPath, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, CHARTFERRY_MEMORY_REPORT: report },
  })
  let url = ''
  for await (const line of createInterface({ input: child.stdout })) {
    url = /(http:\/\/[\d.]+:\d+)/.exec(line)?.[1] ?? ''
    if (url !== '') break
  }
  if (url === '') throw new Error(`the server ended: ${await readFile(join(folder, 'log'), 'utf8')}`)
  child.stdout.resume()
  const exited = new Promise((done) => child.once('exit', done))
  const status = (field: string): number =>
    Math.round(
      Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) /
        1024,
    )
  return {
    url,
    pid: child.pid ?? 0,
    memory: () => status('VmRSS'),
    peakMemory: () => status('VmHWM'),
    live: async () => {
      const read = async (): Promise<Record<string, number>> => JSON.parse(await readFile(report, 'utf8'))
      const before = (await read()).report
      child.kill('SIGUSR2')
      for (;;) {
        const {
          report: now = before,
          heapUsed = 0,
          external = 0,
          rss = 0,
        } = await read().catch((): Record<string, number> => ({}))
        const [heap = 0, outside = 0, resident = 0] = [heapUsed, external, rss].map((bytes) =>
          Math.round(bytes / 2 ** 20),
        )
        if (now !== before) return { heap, external: outside, resident }
        await wait(10)
      }
    },
    processor: () => {
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
      // utime and stime, in hundredths of a second.
      return (Number(fields[11]) + Number(fields[12])) / 100
    },
    log: () => readFile(join(folder, 'log'), 'utf8'),
    close: async () => {
      child.kill('SIGTERM')
      await exited
      await rm(folder, { recursive: true, force: true })
    },
  }
}
