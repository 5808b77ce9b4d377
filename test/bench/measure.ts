// Measures a program as `time` does: wall, CPU, and the most memory.
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { locateTool, type ToolName } from '../../scripts/tools.ts'

export interface Measure {
  readonly wall: number
  readonly cpu: number
  /** Mebibytes at most in memory. */
  readonly memory: number
  readonly code: number
}

/** The path of a tool; throws where it is missing. */
export function need(name: ToolName): string {
  const path = locateTool(name)
  if (path === undefined) throw new Error(`${name} is needed; see scripts/tools.ts`)
  return path
}

/** Wall, CPU of the process with its children, and the most memory of one of them, as `time` has it. */
export async function measure(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Measure> {
  const started = performance.now()
  const child = spawn('/usr/bin/env', ['bash', '-c', 'TIMEFORMAT="%U %S"; time "$@"', 'bash', command, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  })
  let words = ''
  let memory = 0
  child.stderr.on('data', (piece: Buffer) => {
    words += piece.toString()
  })
  const timer = setInterval(() => {
    void peakOf(child.pid ?? 0).then((peak) => {
      memory = Math.max(memory, peak)
    })
  }, 20)
  const code = await new Promise<number>((done) => child.on('close', (status) => done(status ?? 1)))
  clearInterval(timer)
  const [user = 0, system = 0] = (/([\d.]+) ([\d.]+)\s*$/.exec(words) ?? []).slice(1).map(Number)
  if (code !== 0) console.error(words.slice(-500))
  return { wall: (performance.now() - started) / 1000, cpu: user + system, memory, code }
}

/** The peaks of all processes below one, added up. */
async function peakOf(pid: number): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  let sum = 0
  for (const child of children.split(' ').filter((text) => text !== '')) {
    const status = await readFile(`/proc/${child}/status`, 'utf8').catch(() => '')
    sum += Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
    sum += await peakOf(Number(child))
  }
  return sum
}
