// A server in ChartMuseum's place, in this process, on a folder of its own.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serveChartMuseum } from '../../packages/server/src/serve-chartmuseum.ts'
import { type Answer, type AskOptions, ask } from './server.ts'

export interface TestChartMuseum {
  readonly url: string
  readonly folder: string
  readonly log: readonly Readonly<Record<string, unknown>>[]
  ask(path: string, options?: AskOptions): Promise<Answer>
  /** Pushes an archive. */
  push(archive: Uint8Array | string, path?: string): Promise<Answer>
  close(): Promise<void>
}

export interface ChartMuseumOptions {
  /** Default: a new one, which goes with the server. */
  readonly folder?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly now?: () => number
}

/** Starts one on a free port, with these flags besides. */
export async function startChartMuseum(
  flags: readonly string[] = [],
  options: ChartMuseumOptions = {},
): Promise<TestChartMuseum> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'chartferry-museum-')))
  const log: Record<string, unknown>[] = []
  const storage = flags.some((flag) => flag.startsWith('--storage='))
    ? []
    : ['--storage=local', `--storage-local-rootdir=${folder}`]
  const running = await serveChartMuseum({
    args: ['--port=0', '--listen-host=127.0.0.1', ...storage, ...flags],
    environment: options.environment ?? {},
    logTo: { write: (line) => void log.push(JSON.parse(line) as Record<string, unknown>) },
    ...(options.now === undefined ? {} : { now: options.now }),
  })
  const url = running.url ?? ''
  return {
    url,
    folder,
    log,
    ask: (path, asked) => ask(url, path, asked),
    push: (archive, path = '/api/charts') => ask(url, path, { method: 'POST', body: archive }),
    close: async () => {
      await running.close()
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A form with files, as `curl -F field=@file` sends it. */
export function formOf(files: Readonly<Record<string, Uint8Array | string>>): {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
} {
  const boundary = 'x-boundary-of-the-test'
  const parts = Object.entries(files).flatMap(([field, bytes]) => [
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="${field}"; filename="../../${field}.tgz"\r\nContent-Type: application/octet-stream\r\n\r\n`,
    ),
    Buffer.from(bytes),
    Buffer.from('\r\n'),
  ])
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]),
  }
}

/** What is sent as a form and has no file in it: what is wrong, its type, its body. */
export const brokenForms: readonly (readonly [string, string, string])[] = [
  ['no boundary', 'multipart/form-data', 'x'],
  ['no parts', 'multipart/form-data; boundary=b', '--b--\r\n'],
  ['nothing', 'multipart/form-data; boundary=b', ''],
  [
    'half a part',
    'multipart/form-data; boundary=b',
    '--b\r\nContent-Disposition: form-data; name="chart"; filename="x"\r\n\r\nabc',
  ],
  [
    'a field that is no file',
    'multipart/form-data; boundary=b',
    '--b\r\nContent-Disposition: form-data; name="chart"\r\n\r\nabc\r\n--b--\r\n',
  ],
]

/** A provenance file that names a chart; nobody signed it. */
export function provenanceOf(name: string, version: string, digest = `sha256:${'0'.repeat(64)}`): string {
  return `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nname: ${name}\nversion: ${version}\n\n...\nfiles:\n  ${name}-${version}.tgz: ${digest}\n-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----\n`
}
