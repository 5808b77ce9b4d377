// Runs the command `chartferry` from its sources, as a user would run the installed one.
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const bin = join(dirname(fileURLToPath(import.meta.url)), '../../packages/cli/src/bin.ts')

/** How a command ended. */
export interface CommandRun {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs `chartferry` with arguments in a folder; `env` is added to the environment, undefined takes a variable out of
 * it.
 */
export function runChartferry(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string | undefined>> } = {},
): Promise<CommandRun> {
  const env = { ...process.env, NO_COLOR: '1', ...options.env }
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--conditions=@chartferry/source', bin, ...args], {
      env,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? 1, stdout, stderr }))
  })
}
