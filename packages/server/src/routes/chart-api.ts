// ChartMuseum's API below `/api/<repository>/`: what is there, and pushing and deleting.

import { ChartferryError, isChartferryError, type Limits } from '@chartferry/core'
import { selectVersion } from '@chartferry/core/helm'
import type { Context } from 'koa'
import type { PushLimits } from '../config/config.ts'
import type { HostedRepositories } from '../hosted/hosted-repository.ts'
import type { HostedStore, Push } from '../hosted/hosted-store.ts'
import { readPushedArchive, readPushedProvenance } from '../hosted/publish.ts'
import { fileOf } from '../hosted/repository-state.ts'
import type { ChartContents } from '../repository/chart-contents.ts'
import { openText } from '../repository/index-snapshot.ts'
import { noteChange } from './caller.ts'
import { isForm, readForm, wholeOf } from './read-upload.ts'
import { takesGzip } from './repository.ts'
import { sendFile } from './send-file.ts'
import type { UploadBody, UploadSpool } from './spool-upload.ts'

export interface ChartApiOptions {
  readonly store: HostedStore
  readonly repositories: HostedRepositories
  /** Opens archives for those who look inside. */
  readonly contents: ChartContents
  readonly limits: Limits
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly uploads: UploadSpool
  /** Bytes of a request. */
  readonly uploadBytes: number
  /** The fields of a form in which an archive may be. */
  readonly chartFields: readonly string[]
  readonly provenanceFields: readonly string[]
  readonly rulesOf: (repository: string) => PushLimits
}

/** One chart version of a path. */
export interface VersionPath {
  readonly name: string
  readonly version: string
}

/** `GET .../charts`: all charts, or `?limit=` of them from `?offset=` on, in the order of their names. */
export async function sendCharts(ctx: Context, options: ChartApiOptions, repository: string): Promise<void> {
  const offset = numberOf(ctx.query.offset, 0, 0, 'offset is not a valid non-negative integer')
  const limit = numberOf(ctx.query.limit, Number.POSITIVE_INFINITY, 1, 'limit is not a valid positive integer')
  const index = await options.repositories.snapshot(repository)
  const gzip = takesGzip(ctx)
  const isWhole = offset === 0 && limit === Number.POSITIVE_INFINITY
  const text = await index.charts(gzip, isWhole ? undefined : { offset, limit })
  ctx.vary('Accept-Encoding')
  if (gzip) ctx.set('Content-Encoding', 'gzip')
  await sendFile(ctx, {
    size: text.size,
    etag: text.etag,
    type: 'application/json',
    cacheControl: 'no-cache',
    open: async (range) => openText(text, range),
  })
}

/** `GET .../charts/<name>`. Throws CHART_NOT_FOUND. */
export async function sendChart(
  ctx: Context,
  options: ChartApiOptions,
  repository: string,
  { name }: Pick<VersionPath, 'name'>,
): Promise<void> {
  const chart = (await options.repositories.snapshot(repository)).chart(name)
  if (chart === undefined) throw new ChartferryError('CHART_NOT_FOUND', 'chart not found')
  sendJson(ctx, chart)
}

/**
 * `GET .../charts/<name>/<version>`; `latest` and ranges are versions too. Throws CHART_NOT_FOUND, VERSION_NOT_FOUND.
 */
export async function sendVersion(
  ctx: Context,
  options: ChartApiOptions,
  repository: string,
  path: VersionPath,
): Promise<void> {
  sendJson(ctx, (await resolve(options, repository, path)).entry)
}

/** `GET .../charts/<name>/<version>/templates`: the templates of the chart and its values. Throws as `sendVersion`. */
export async function sendTemplates(
  ctx: Context,
  options: ChartApiOptions,
  repository: string,
  path: VersionPath,
): Promise<void> {
  sendJson(ctx, await contentsOf(options, repository, path, 'templates'))
}

/** `GET .../charts/<name>/<version>/values`: values.yaml as it is. Throws as `sendVersion`. */
export async function sendValues(
  ctx: Context,
  options: ChartApiOptions,
  repository: string,
  path: VersionPath,
): Promise<void> {
  const values = await contentsOf(options, repository, path, 'values')
  ctx.set('Cache-Control', 'no-store')
  ctx.type = 'application/yaml'
  ctx.body = values
}

/** `POST .../charts`: an archive as the body, or a form with an archive, its provenance, or both: all or nothing. */
export async function takeCharts(ctx: Context, options: ChartApiOptions, repository: string): Promise<void> {
  options.repositories.check(repository)
  await options.uploads.take(ctx, options.uploadBytes, (body) =>
    isForm(ctx) ? takeForm(ctx, options, repository, body) : takeArchive(ctx, options, repository, body),
  )
}

async function takeArchive(
  ctx: Context,
  options: ChartApiOptions,
  repository: string,
  body: UploadBody,
): Promise<void> {
  const archive = await readPushedArchive(await wholeOf(body), options)
  await push(ctx, options, repository, { archive }, 'file already exists')
}

async function takeForm(ctx: Context, options: ChartApiOptions, repository: string, body: UploadBody): Promise<void> {
  const files = await readForm(ctx.req.headers, body)
  const first = (fields: readonly string[]): Buffer | undefined =>
    fields.map((field) => files.find((file) => file.field === field)?.bytes).find((bytes) => bytes !== undefined)
  const [chart, provenance] = [first(options.chartFields), first(options.provenanceFields)]
  if (chart === undefined && provenance === undefined) {
    const fields = `${options.chartFields.at(-1)} and ${options.provenanceFields.at(-1)}`
    throw new ChartferryError('UPLOAD_INVALID', `no package or provenance file found in form fields ${fields}`)
  }
  await push(
    ctx,
    options,
    repository,
    {
      ...(chart === undefined ? {} : { archive: await readPushedArchive(chart, options) }),
      ...(provenance === undefined ? {} : { provenance: readPushedProvenance(provenance) }),
    },
    'chart already exists',
  )
}

/** `POST .../prov`: a provenance file as the body. */
export async function takeProvenance(ctx: Context, options: ChartApiOptions, repository: string): Promise<void> {
  options.repositories.check(repository)
  await options.uploads.take(ctx, options.uploadBytes, async (body) => {
    const provenance = readPushedProvenance(await wholeOf(body))
    await push(ctx, options, repository, { provenance }, 'file already exists')
  })
}

/** `DELETE .../charts/<name>/<version>`. Throws VERSION_NOT_FOUND. */
export async function deleteVersion(
  ctx: Context,
  { store, repositories }: ChartApiOptions,
  repository: string,
  path: VersionPath,
): Promise<void> {
  repositories.check(repository)
  await store.remove(repository, path)
  noteChange(ctx, { action: 'delete', repository, ...path })
  sendJson(ctx, Buffer.from('{"deleted":true}'))
}

async function push(
  ctx: Context,
  { store, rulesOf }: ChartApiOptions,
  repository: string,
  pushed: Push,
  conflict: string,
): Promise<void> {
  const { overwrite, ...rules } = rulesOf(repository)
  const isForced = overwrite === 'always' || (overwrite === 'force' && 'force' in ctx.query)
  try {
    await store.push(repository, pushed, { ...rules, overwrite: isForced })
  } catch (thrown) {
    if (isChartferryError(thrown, 'VERSION_EXISTS'))
      throw new ChartferryError('VERSION_EXISTS', conflict, { cause: thrown })
    if (isChartferryError(thrown, 'REPOSITORY_FULL'))
      throw new ChartferryError('REPOSITORY_FULL', 'repo has reached storage limit', { cause: thrown })
    throw thrown
  }
  const { archive } = pushed
  if (archive !== undefined) {
    const { name, version } = archive.version
    noteChange(ctx, { action: 'push', repository, name, version })
  }
  ctx.status = 201
  sendJson(ctx, Buffer.from('{"saved":true}'))
}

/** The version that a path means, with the text of its entry. */
async function resolve(
  { repositories }: Pick<ChartApiOptions, 'repositories'>,
  repository: string,
  { name, version }: VersionPath,
): Promise<{ readonly file: string; readonly entry: Buffer }> {
  const index = await repositories.snapshot(repository)
  const exact = index.entry(name, version)
  if (exact !== undefined) return { file: fileOf({ name, version }), entry: exact }
  const model = index.chartModel(name)
  if (model === undefined) throw new ChartferryError('CHART_NOT_FOUND', 'no chart name found')
  const entries = new Map([[name, model]])
  try {
    const found = selectVersion({ apiVersion: 'v1', entries, skipped: [] }, name, version === 'latest' ? '' : version)
    return { file: fileOf(found), entry: index.entry(name, found.version) ?? Buffer.alloc(0) }
  } catch (thrown) {
    throw new ChartferryError('VERSION_NOT_FOUND', `no chart version found for ${name}-${version}`, { cause: thrown })
  }
}

async function contentsOf(
  { repositories, contents }: ChartApiOptions,
  repository: string,
  path: VersionPath,
  part: 'templates' | 'values',
): Promise<Buffer> {
  const { file } = await resolve({ repositories }, repository, path)
  return contents.read([(await repositories.archive(repository, file)).file], { part })
}

function numberOf(given: string | string[] | undefined, fallback: number, least: number, message: string): number {
  if (given === undefined) return fallback
  const value = typeof given === 'string' && /^\d{1,15}$/.test(given) ? Number(given) : -1
  if (value < least) throw new ChartferryError('USAGE', message)
  return value
}

function sendJson(ctx: Context, bytes: Buffer): void {
  ctx.set('Cache-Control', 'no-store')
  ctx.type = 'application/json'
  ctx.body = bytes
}
