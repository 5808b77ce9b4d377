// A command of the operator's decides about each version: a scanner, a policy.
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ChartferryError } from '@chartferry/core'
import { messageOf } from '@chartferry/core/internal'
import type { Inspector } from './inspector.ts'

export interface CommandInspectorOptions {
  /** A command line of the shell; the path of the archive is put behind it. */
  readonly command: string
  /** Milliseconds after which it is ended; then the version stays in quarantine and is tried again. */
  readonly timeout: number
}

/** What a command prints is kept up to so many characters. */
const mostOutput = 2000
/** Milliseconds after its end for which it is waited for what it has printed. */
const outputWithin = 500
/** `sysexits.h`, EX_TEMPFAIL: try again later. */
const tryAgain = 75

/**
 * Exit 0 lets a version pass, 75 asks for another try, anything else refuses it; what was printed last is the reason.
 */
export function commandInspector({ command, timeout }: CommandInspectorOptions): Inspector {
  return {
    rules: `gate ${command}`,
    inspect: async ({ repository, version, fileName, digest, archive, provenance }, signal) => {
      const folder = await mkdtemp(join(tmpdir(), 'chartferry-gate-'))
      try {
        const path = join(folder, fileName)
        await writeFile(path, await archive())
        const signed = await provenance()
        if (signed !== undefined) await writeFile(`${path}.prov`, signed)
        const environment = {
          CHARTFERRY_KIND: 'chart',
          CHARTFERRY_REFERENCE: fileName,
          CHARTFERRY_REPOSITORY: repository,
          CHARTFERRY_CHART: version.name,
          CHARTFERRY_VERSION: version.version,
          CHARTFERRY_DIGEST: digest,
        }
        const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeout)])
        const { code, output } = await run(command, path, environment, deadline)
        if (code === 0) return undefined
        if (code === undefined || code === tryAgain)
          throw new ChartferryError('GATE_REFUSED', `the gate command gave no verdict: ${output || 'it was stopped'}`)
        return `exit ${code}${output === '' ? '' : `: ${output}`}`
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  }
}

/** The path is handed over, never made part of the command line. No code: it was stopped, or could not be started. */
function run(
  command: string,
  path: string,
  environment: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<{ readonly code: number | undefined; readonly output: string }> {
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', `${command} "$@"`, 'sh', path], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    // The whole group: what the shell has started ends with it.
    const end = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      } catch {
        // Nobody of it is left.
      }
    }
    signal.addEventListener('abort', end, { once: true })
    let output = ''
    const take = (piece: Buffer): void => {
      output = (output + piece.toString()).slice(-mostOutput)
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    const done = (code: number | undefined, words: string): void => {
      signal.removeEventListener('abort', end)
      resolve({ code, output: words.trim().replace(/\p{Cc}+/gu, ' ') })
    }
    child.on('error', (error) => done(undefined, messageOf(error)))
    child.on('close', (code) => done(code ?? undefined, output))
    // What it has started may live on and hold its output open: then the verdict is there all the same.
    child.on('exit', (code) => {
      const finish = (): void => {
        end()
        child.stdout.destroy()
        child.stderr.destroy()
        done(code ?? undefined, output)
      }
      const late = setTimeout(finish, outputWithin)
      child.once('close', () => clearTimeout(late))
    })
  })
}
