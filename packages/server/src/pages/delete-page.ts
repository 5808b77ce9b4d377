// Deleting a chart version on a page: a question first, and the answer is a form of ours.
import type { Context } from 'koa'
import { deleteVersion } from '../routes/chart-api.ts'
import { html, pathTo, whole } from './html.ts'
import type { PageOptions } from './page-options.ts'
import { seeOther } from './see-other.ts'
import { sendPage } from './send-page.ts'
import { pushPlace } from './upload-page.ts'
import { findVersion, versionCrumbs, versionHead, versionPath } from './version-head.ts'

/** `GET …/<version>/delete`: asks. Throws CHART_NOT_FOUND, VERSION_NOT_FOUND, REPOSITORY_NOT_FOUND. */
export async function sendDeletePage(
  ctx: Context,
  options: PageOptions,
  repository: string,
  chart: string,
  version: string,
): Promise<void> {
  pushPlace(options, repository)
  const shown = await findVersion(ctx, options, repository, chart, version)
  await sendPage(ctx, options, {
    title: `Delete ${chart} ${version}?`,
    crumbs: versionCrumbs(shown),
    body: html`${versionHead(shown, 'delete')}<form class="card narrow" method="post" action="${pathTo(versionPath(shown, 'delete'))}">
<h2>Delete ${whole(chart)} ${whole(version)} from ${repository}?</h2>
<p>Who installs this version after that gets an error. It cannot be brought back from here: keep the archive if you may need it.</p>
<p><button class="danger">Delete it</button> <a class="button plain" href="${pathTo(versionPath(shown))}">Keep it</a></p></form>`,
  })
}

/** `POST …/<version>/delete`: deletes, and leads on to what is left of the chart. Throws VERSION_NOT_FOUND. */
export async function takeDeletion(
  ctx: Context,
  options: PageOptions,
  repository: string,
  chart: string,
  version: string,
): Promise<void> {
  const { versions } = await findVersion(ctx, options, repository, chart, version)
  await deleteVersion(ctx, pushPlace(options, repository), repository, { name: chart, version })
  seeOther(ctx, pathTo(versions.length > 1 ? [repository, 'chart', chart] : [repository]))
}
