// What ChartMuseum sends as files: archives and their provenance, the welcome page, and what stands beside it.
import { createReadStream } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { ChartferryError } from '@chartferry/core'
import { digestHex } from '@chartferry/core/internal'
import type { Context } from 'koa'
import type { ChartRepository } from '../repository/chart-repository.ts'
import { noteAnswered } from '../routes/caller.ts'
import { sendFile } from '../routes/send-file.ts'

/** `charts/<file>`. Throws CHART_NOT_FOUND; ROUTE_NOT_FOUND for other kinds of files. */
export async function sendArchiveFile(
  ctx: Context,
  charts: ChartRepository,
  repository: string,
  file: string,
): Promise<void> {
  const isProvenance = file.endsWith('.tgz.prov')
  if (!isProvenance && !file.endsWith('.tgz'))
    throw new ChartferryError('ROUTE_NOT_FOUND', 'unsupported file extension')
  const { file: stored, cache } = isProvenance
    ? await charts.provenance(repository, file.slice(0, -'.prov'.length))
    : await charts.archive(repository, file)
  noteAnswered(ctx, { repository, kind: isProvenance ? 'provenance' : 'archive', cache })
  await sendFile(ctx, {
    size: stored.size,
    etag: `"${digestHex(stored.digest)}"`,
    type: isProvenance ? 'application/pgp-signature' : 'application/x-tar',
    cacheControl: 'no-cache',
    open: (range) => stored.open(range),
  })
}

const welcome = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Charts</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem}</style></head>
<body><h1>Charts are served here</h1>
<p>This is chartferry, in the place of ChartMuseum. The charts are listed at <code>index.yaml</code>:</p>
<pre>helm repo add NAME URL-OF-THIS-PAGE</pre></body></html>
`

/** The page at the root: `index.html` of the folder, where it has one. */
export async function sendWelcome(ctx: Context, folder: string | undefined): Promise<void> {
  const files = folder === undefined ? [] : await readdir(folder).catch(() => [])
  ctx.type = 'text/html'
  ctx.body = folder !== undefined && files.includes('index.html') ? await readFile(join(folder, 'index.html')) : welcome
}

/** A file below the folder; `path` has no empty segments and none of dots. Throws ROUTE_NOT_FOUND. */
export async function sendWebFile(ctx: Context, folder: string, path: string): Promise<void> {
  const file = join(folder, path)
  const found = await stat(file).catch(() => undefined)
  if (found?.isFile() !== true) throw new ChartferryError('ROUTE_NOT_FOUND', 'not found')
  ctx.type = extname(file) || 'application/octet-stream'
  ctx.length = found.size
  ctx.body = createReadStream(file)
}
