// `chartferry download`: what helm calls for a URL that begins with ferry://, to get a chart that is relocated on its
// way.
import { readFile } from 'node:fs/promises'
import { ChartferryError, defaultLimits, readChartArchive, relocate } from '@chartferry/core'
import { type ChartVersion, parseIndexFile } from '@chartferry/core/helm'
import {
  type Credential,
  type HttpClient,
  messageOf,
  openHttpClient,
  readBody,
  statusError,
} from '@chartferry/core/internal'
import type { Command } from 'commander'
import { untilStopped } from '../flags/stop-signal.ts'

/** Schemes of helm's URLs, and those behind them. */
const schemes: Readonly<Record<string, string>> = { 'ferry://': 'https://', 'ferry+http://': 'http://' }

/** Adds the command. */
export function addDownloadCommand(program: Command): void {
  program
    .command('download <certFile> <keyFile> <caFile> <url>')
    .description(
      'Fetch an index file or a chart for helm: the plugin of deploy/helm-downloader calls it. Charts are relocated to the registry that CHARTFERRY_TO names.',
    )
    .helpOption('-h, --help', 'print help')
    .addHelpText(
      'after',
      `
The URL begins with ferry:// for https, or with ferry+http:// for http. The files may be '' where there is none.

Example:
  $ export CHARTFERRY_TO=registry.corp:5000/mirror
  $ helm repo add prometheus ferry://prometheus-community.github.io/helm-charts
  $ helm template prometheus/kube-prometheus-stack
  $ chartferry download '' '' '' ferry://prometheus-community.github.io/helm-charts/index.yaml >index.yaml`,
    )
    .action((certFile: string, keyFile: string, caFile: string, url: string) =>
      untilStopped((signal) => download({ certFile, keyFile, caFile, url }, signal)),
    )
}

interface DownloadArguments {
  readonly certFile: string
  readonly keyFile: string
  readonly caFile: string
  readonly url: string
}

async function download({ certFile, keyFile, caFile, url }: DownloadArguments, signal: AbortSignal): Promise<void> {
  const real = realUrl(url)
  if (new URL(real).pathname.endsWith('.prov'))
    throw new ChartferryError('CHART_NOT_FOUND', `${url}: a relocated chart has no provenance`)
  const [cert, key, ca] = [await readPem(certFile), await readPem(keyFile), await readPem(caFile)]
  const client = openHttpClient({
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(ca === undefined ? {} : { ca }),
  })
  try {
    const isIndex = new URL(real).pathname.endsWith('/index.yaml')
    const maxBytes = isIndex ? defaultLimits.indexBytes : defaultLimits.archiveBytes
    const bytes = await fetchBytes(client, real, maxBytes, signal)
    await write(isIndex ? ferryIndex(bytes, url) : await relocated(bytes))
  } finally {
    await client.close()
  }
}

function realUrl(url: string): string {
  for (const [scheme, real] of Object.entries(schemes))
    if (url.startsWith(scheme) && URL.canParse(real + url.slice(scheme.length))) return real + url.slice(scheme.length)
  throw new ChartferryError('USAGE', `${url} begins neither with ferry:// nor with ferry+http://`)
}

/** helm gives the path of a file, or nothing. */
async function readPem(file: string): Promise<string | undefined> {
  if (file === '') return undefined
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ChartferryError('FILE_NOT_FOUND', `${file}: ${messageOf(cause)}`, { cause })
  })
}

async function fetchBytes(client: HttpClient, url: string, maxBytes: number, signal: AbortSignal): Promise<Buffer> {
  const { HELM_PLUGIN_USERNAME: username = '', HELM_PLUGIN_PASSWORD: password = '' } = process.env
  const credential: Credential | undefined = username === '' ? undefined : { kind: 'basic', username, password }
  const response = await client.request(url, { credential, signal })
  const tooLarge = url.endsWith('/index.yaml') ? 'INDEX_TOO_LARGE' : 'ARCHIVE_TOO_LARGE'
  const bytes = await readBody(response, { maxBytes, tooLarge, signal })
  if (response.status !== 200) throw statusError(response.status, response.url, 'CHART_NOT_FOUND')
  return bytes
}

/**
 * The index with URLs that lead helm here again, and without digests: those of the relocated charts are not known.
 * Throws INDEX_INVALID.
 */
function ferryIndex(bytes: Uint8Array, url: string): string {
  const { entries } = parseIndexFile(bytes, { where: url })
  const shown = [...entries].map(([name, versions]) => [name, versions.map(ferryEntry)] as const)
  return JSON.stringify({ apiVersion: 'v1', generated: new Date(0).toISOString(), entries: Object.fromEntries(shown) })
}

function ferryEntry({ fields, urls }: ChartVersion): Record<string, unknown> {
  const { digest: _, ...others } = fields
  return { ...others, urls: urls.map(ferryUrl) }
}

function ferryUrl(url: string): string {
  for (const [scheme, real] of Object.entries(schemes)) if (url.startsWith(real)) return scheme + url.slice(real.length)
  return url
}

/** The chart with its images at the target. Throws USAGE without one, and as `relocate` does. */
async function relocated(bytes: Uint8Array): Promise<Uint8Array> {
  const { CHARTFERRY_TO: to = '' } = process.env
  if (to === '')
    throw new ChartferryError('USAGE', 'the registry that the images move to is missing', {
      hint: 'Set CHARTFERRY_TO, such as registry.corp:5000/mirror.',
    })
  const { archive } = await relocate(await readChartArchive(bytes), { to })
  return archive.bytes
}

async function write(bytes: Uint8Array | string): Promise<void> {
  await new Promise<void>((done, fail) => {
    process.stdout.write(bytes, (error) => (error === null || error === undefined ? done() : fail(error)))
  })
}
