// Runs the helm binary: its own home folders, bounded output, stopped by a signal.
import { spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { ChartferryError, throwIfCancelled } from '../../errors.ts'
import { textOfBytes } from '../template/bytes.ts'

/** How a helm process ended. */
export interface HelmRun {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The helm to use: `HELM_BIN`, else the first on PATH; undefined where there is none. */
export async function findHelm(environment: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  const named = environment.HELM_BIN
  if (named !== undefined && named !== '') return named
  const names = process.platform === 'win32' ? ['helm.exe'] : ['helm']
  for (const folder of (environment.PATH ?? '').split(delimiter)) {
    for (const name of names) {
      const file = join(folder, name)
      if (folder !== '' && (await isExecutable(file))) return file
    }
  }
  return undefined
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

interface RunHelmOptions {
  /** Holds helm's cache, configuration and data, so that a user's plugins and repositories play no part. */
  readonly home: string
  /** Bytes that standard output may have. */
  readonly outputBytes: number
  readonly signal?: AbortSignal | undefined
  /** How long it may run, in milliseconds. Default: as long as it takes. */
  readonly timeoutMs?: number | undefined
  /** MiB of address space that it may have. Default: any number. */
  readonly memory?: number | undefined
}

/**
 * Runs helm to its end. Throws RENDERER_UNAVAILABLE, OUTPUT_TOO_LARGE, RENDER_TIMEOUT, CANCELLED; a failing helm is an answer, not an
 * error.
 */
export function runHelm(binary: string, args: readonly string[], options: RunHelmOptions): Promise<HelmRun> {
  throwIfCancelled(options.signal)
  const { home, outputBytes, signal, timeoutMs } = options
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    HELM_CACHE_HOME: join(home, 'cache'),
    HELM_CONFIG_HOME: join(home, 'config'),
    HELM_DATA_HOME: join(home, 'data'),
    HELM_PLUGINS: join(home, 'plugins'),
    KUBECONFIG: join(home, 'no-cluster'),
  }
  for (const name of ['HELM_NAMESPACE', 'HELM_DEBUG', 'HELM_KUBECONTEXT', 'HELM_KUBEAPISERVER']) delete env[name]
  return new Promise((resolve, reject) => {
    const [command, ...given] = boundedCommand([binary, ...args], options.memory)
    const child = spawn(command, given, { env, cwd: home, stdio: ['ignore', 'pipe', 'pipe'] })
    const output: Buffer[] = []
    const words: Buffer[] = []
    let size = 0
    let failure: ChartferryError | undefined
    const stop = (error: ChartferryError): void => {
      failure = error
      child.kill('SIGKILL')
    }
    const onAbort = (): void => stop(new ChartferryError('CANCELLED', 'helm was stopped on request'))
    signal?.addEventListener('abort', onAbort, { once: true })
    const onTimeout = (): void =>
      stop(new ChartferryError('RENDER_TIMEOUT', `helm ${args[0]}: the rendering took too long`))
    const timer = timeoutMs === undefined ? undefined : setTimeout(onTimeout, Math.min(timeoutMs, 2 ** 31 - 1))
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > outputBytes)
        stop(new ChartferryError('OUTPUT_TOO_LARGE', `helm ${args[0]} printed more than ${outputBytes} bytes`))
      else output.push(chunk)
    })
    child.stderr.on('data', (chunk: Buffer) => {
      if (words.length < 1000) words.push(chunk)
    })
    child.on('error', (cause) => {
      failure ??= new ChartferryError('RENDERER_UNAVAILABLE', `${binary}: ${cause.message}`, { cause })
    })
    child.on('close', (code) => {
      signal?.removeEventListener('abort', onAbort)
      clearTimeout(timer)
      if (failure !== undefined) reject(failure)
      else
        resolve({
          code: code ?? 1,
          stdout: textOfBytes(Buffer.concat(output)),
          stderr: Buffer.concat(words).toString(),
        })
    })
  })
}

/** A program with a bound on its memory, by the shell that has one; without a bound, or a shell, the program itself. */
function boundedCommand(
  command: readonly [string, ...string[]],
  memory: number | undefined,
): readonly [string, ...string[]] {
  if (memory === undefined || process.platform === 'win32') return command
  return ['/bin/sh', '-c', 'ulimit -v "$0" 2>/dev/null; exec "$@"', String(memory * 1024), ...command]
}
