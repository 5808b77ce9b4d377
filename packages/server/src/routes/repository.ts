// What helm asks of a repository: its index, its archives, their provenance.

import { ChartferryError } from '@chartferry/core'
import type { IndexForm } from '@chartferry/core/helm'
import { digestHex } from '@chartferry/core/internal'
import type { Context } from 'koa'
import type { AskOptions, CacheState, ChartRepository, FileAnswer } from '../repository/chart-repository.ts'
import { openText } from '../repository/index-snapshot.ts'
import { selectCharts } from '../repository/select-charts.ts'
import { callerOf, noteAnswered } from './caller.ts'
import { sendFile } from './send-file.ts'
import { signalOf } from './signal-of.ts'

/**
 * `/<repository>/index.yaml` and `/<repository>/index.json`; with names (`/<repository>/only/<name>,<name>/index.yaml`)
 * the index of these charts. Throws CHART_NOT_FOUND when the repository has none of them.
 */
export async function sendIndex(
  ctx: Context,
  charts: ChartRepository,
  repository: string,
  form: IndexForm,
  names?: readonly string[],
): Promise<void> {
  const { snapshot: whole, cache, age } = await charts.index(repository, asked(ctx))
  const snapshot = names === undefined ? whole : selectCharts(whole, names)
  if (snapshot === undefined)
    throw new ChartferryError('CHART_NOT_FOUND', `repository "${repository}" has no chart ${names?.join(', ')}`)
  const gzip = takesGzip(ctx)
  const text = await snapshot.text(form, gzip)
  ctx.vary(['Accept', 'Accept-Encoding'])
  ctx.set('Last-Modified', new Date(snapshot.modified).toUTCString())
  if (gzip) ctx.set('Content-Encoding', 'gzip')
  if (age !== undefined) ctx.set('Age', String(Math.floor(age / 1000)))
  noteAnswered(ctx, { repository, kind: 'index', cache })
  setCache(ctx, cache)
  const wantsJson = ctx.path.endsWith('.json') || /\bapplication\/json\b/.test(ctx.get('accept'))
  await sendFile(ctx, {
    size: text.size,
    etag: text.etag,
    type: form === 'json' && wantsJson ? 'application/json' : 'application/x-yaml',
    cacheControl: 'no-cache',
    open: async (range) => openText(text, range),
  })
}

/** `/<repository>/charts/<path>`, with `.prov` at its end for the provenance. */
export async function sendChartFile(
  ctx: Context,
  charts: ChartRepository,
  repository: string,
  path: string,
): Promise<void> {
  const options = asked(ctx)
  if (path.endsWith('.prov')) {
    const answer = await charts.provenance(repository, path.slice(0, -'.prov'.length), options)
    noteAnswered(ctx, { repository, kind: 'provenance', cache: answer.cache })
    await sendAnswer(ctx, answer, 'application/pgp-signature')
  } else {
    const answer = await charts.archive(repository, path, options)
    noteAnswered(ctx, { repository, kind: 'archive', path, cache: answer.cache })
    await sendAnswer(ctx, answer, 'application/gzip')
  }
}

/** Whether the client asked for gzip. */
export function takesGzip(ctx: Context): boolean {
  return ctx.get('accept-encoding') !== '' && ctx.acceptsEncodings('gzip', 'identity') === 'gzip'
}

async function sendAnswer(ctx: Context, { file, cache, immutable, proof }: FileAnswer, type: string): Promise<void> {
  setCache(ctx, cache)
  if (proof !== undefined) ctx.set('X-Chartferry-Proof', proof)
  await sendFile(ctx, {
    size: file.size,
    etag: `"${digestHex(file.digest)}"`,
    type,
    cacheControl: immutable ? 'public, max-age=31536000, immutable' : 'public, max-age=300',
    open: (range) => file.open(range),
  })
}

function setCache(ctx: Context, cache: CacheState | undefined): void {
  if (cache !== undefined) ctx.set('X-Cache', cache)
}

/** Who asks, and when they leave. */
export function asked(ctx: Context): AskOptions {
  return { caller: callerOf(ctx), signal: signalOf(ctx), via: ctx.get('via') || undefined }
}
