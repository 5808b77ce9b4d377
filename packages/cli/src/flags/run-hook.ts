// Commands that the user gives us to run: gates, and what creates repositories.
import { spawn } from 'node:child_process'
import { ChartferryError, type ErrorCode } from '@chartferry/core'
import { messageOf } from '@chartferry/core/internal'

const mostOutput = 64 << 10

/**
 * Runs a command line of the shell, with arguments behind it. Throws the code given, with what it printed, unless it
 * ends with 0.
 */
export async function runHook(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  refusal: ErrorCode,
  signal?: AbortSignal,
): Promise<void> {
  const { code, output } = await runShell(command, args, environment, signal)
  if (code === 0) return
  throw new ChartferryError(refusal, `${command} ${args.join(' ')}: exit ${code}\n${output.trim()}`, {
    details: { exit: code },
  })
}

function runShell(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<{ readonly code: number; readonly output: string }> {
  const isWindows = process.platform === 'win32'
  // The arguments are names from charts: they are handed over, never made part of the command line.
  const [program, line] = isWindows
    ? ['cmd.exe', ['/d', '/s', '/c', command, ...args]]
    : ['/bin/sh', ['-c', `${command} "$@"`, 'sh', ...args]]
  return new Promise((resolve) => {
    const child = spawn(program as string, line as string[], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(signal === undefined ? {} : { signal }),
    })
    let output = ''
    const take = (piece: Buffer): void => {
      output = (output + piece.toString()).slice(-mostOutput)
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.on('error', (error) => resolve({ code: 1, output: messageOf(error) }))
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}
