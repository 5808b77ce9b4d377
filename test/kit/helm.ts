// The real helm, with a home of its own and nothing of the environment's.
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface HelmRun {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface Helm {
  /** Its home; also the working folder of its runs. */
  readonly folder: string
  /** Runs helm; gives its outcome whatever it is. */
  run(...args: readonly string[]): Promise<HelmRun>
  /** Runs helm; throws with what it said unless it succeeds. Gives its standard output. */
  must(...args: readonly string[]): Promise<string>
  close(): Promise<void>
}

/** Takes the path of a helm binary, and variables that it sees beside its own. */
export async function openHelm(path: string, more: Readonly<Record<string, string>> = {}): Promise<Helm> {
  const folder = await mkdtemp(join(tmpdir(), 'chartferry-helm-'))
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    HELM_CONFIG_HOME: join(folder, 'config'),
    HELM_CACHE_HOME: join(folder, 'cache'),
    HELM_DATA_HOME: join(folder, 'data'),
    ...more,
  }
  const run = (...args: readonly string[]): Promise<HelmRun> =>
    new Promise((done) => {
      execFile(path, args, { cwd: folder, env, maxBuffer: 2 ** 28 }, (error, stdout, stderr) => {
        done({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, stdout, stderr })
      })
    })
  return {
    folder,
    run,
    must: async (...args) => {
      const { code, stdout, stderr } = await run(...args)
      if (code !== 0) throw new Error(`helm ${args.join(' ')}: exit ${code}\n${stderr}`)
      return stdout
    },
    close: () => rm(folder, { recursive: true, force: true }),
  }
}
