// Uploading a chart on a page: a form that works by itself; the script takes what is dropped on it.
import { ChartferryError, isChartferryError } from '@chartferry/core'
import type { Context } from 'koa'
import { statusOf } from '../middleware/error-status.ts'
import { changesOf } from '../routes/caller.ts'
import { takeCharts } from '../routes/chart-api.ts'
import { bytesText, type Html, html, pathTo } from './html.ts'
import type { PageOptions } from './page-options.ts'
import { seeOther } from './see-other.ts'
import { sendPage } from './send-page.ts'

/** Where charts of a repository are pushed to. Throws REPOSITORY_NOT_FOUND for one that takes none. */
export function pushPlace(
  { chartApi }: Pick<PageOptions, 'chartApi'>,
  repository: string,
): NonNullable<PageOptions['chartApi']> {
  if (chartApi?.isHosted(repository) !== true)
    throw new ChartferryError(
      'REPOSITORY_NOT_FOUND',
      `no charts are pushed to "${repository}": it is not a hosted repository`,
    )
  return chartApi
}

/** `GET /<repository>/upload`. */
export async function sendUploadPage(
  ctx: Context,
  options: PageOptions,
  repository: string,
  failure?: Html,
): Promise<void> {
  const { uploadBytes, rulesOf } = pushPlace(options, repository)
  const action = pathTo([repository, 'upload'])
  const replace =
    rulesOf(repository).overwrite === 'force'
      ? html` <button class="plain" formaction="${action}?force">Upload, and replace the version that is there</button>`
      : undefined
  await sendPage(ctx, options, {
    title: `Upload to ${repository}`,
    crumbs: [[repository, pathTo([repository])]],
    body: html`<h1>Upload a chart to ${repository}</h1>${failure}
<form method="post" enctype="multipart/form-data" action="${action}" data-drop="${pathTo([repository])}">
<div class="drop"><p><b>Drop a chart archive here</b>, with its provenance file if it has one, or choose files.</p>
<label>Chart archive <small>.tgz, as helm package writes it, at most ${bytesText(uploadBytes)}</small><input type="file" name="chart" accept=".tgz,application/gzip"></label>
<label>Provenance file <small>.prov, optional</small><input type="file" name="prov" accept=".prov"></label>
<output aria-live="polite"></output></div>
<button>Upload</button>${replace}</form>`,
  })
}

/** `POST /<repository>/upload`: leads on to the version that came, or shows the form again and says what was wrong. */
export async function takeUpload(ctx: Context, options: PageOptions, repository: string): Promise<void> {
  const place = pushPlace(options, repository)
  try {
    await takeCharts(ctx, place, repository)
  } catch (thrown) {
    if (!isChartferryError(thrown) || ctx.accepts('application/json', 'text/html') !== 'text/html') throw thrown
    ctx.status = statusOf(thrown, ctx.method)
    ctx.state.errorCode = thrown.code
    const { message, hint, code } = thrown
    const failure = html`<div class="note bad" role="alert"><p><b>Not uploaded.</b> ${message}</p>${hint === undefined ? undefined : html`<p>${hint}</p>`}<p class="soft">${code}</p></div>`
    return sendUploadPage(ctx, options, repository, failure)
  }
  const [change] = changesOf(ctx)
  seeOther(ctx, pathTo(change === undefined ? [repository] : [repository, 'chart', change.name, change.version]))
}
