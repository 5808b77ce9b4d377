// The page of one version of a chart: how it is had, its README, what it needs, where it comes from.
import type { Context } from 'koa'
import { baseUrlOf } from '../routes/caller.ts'
import { aboutSection, dependenciesSection, provenanceSection } from './about-section.ts'
import { downloadsOf, downloadsSection } from './downloads-section.ts'
import { copyBlock, Html, html } from './html.ts'
import type { PageOptions } from './page-options.ts'
import { readyLines } from './ready-lines.ts'
import { sendPage } from './send-page.ts'
import { askAgain, type Soon, soon } from './soon.ts'
import { findVersion, type ShownVersion, versionCrumbs, versionHead } from './version-head.ts'

/**
 * `/<repository>/chart/<name>` and `/<repository>/chart/<name>/<version>`. Throws CHART_NOT_FOUND, VERSION_NOT_FOUND.
 */
export async function sendVersionPage(
  ctx: Context,
  options: PageOptions,
  repository: string,
  chart: string,
  version: string | undefined,
): Promise<void> {
  const shown = await findVersion(ctx, options, repository, chart, version)
  const readme = await readmeOf(options, shown)
  const lines = readyLines({
    url: baseUrlOf(ctx, options.publicUrl),
    repository,
    chart,
    version: shown.entry.version,
    isPublic: options.access.isPublic(repository),
    isRelocated: options.relocations?.has(repository) === true,
  })
  await sendPage(ctx, options, {
    title: `${chart} ${shown.entry.version} · ${repository}`,
    crumbs: versionCrumbs(shown),
    refresh: readme.state === 'pending' ? askAgain : undefined,
    body: html`${versionHead(shown, '')}<div class="columns"><div>
<section class="install"><h2>Use it</h2>${lines.map(({ label, text }, at) => html`<details name="use"${at === 0 ? html` open` : undefined}><summary>${label}</summary>${copyBlock(label, text)}</details>`)}</section>
<section class="readme"><h2 class="hidden">README</h2>${readmeSection(readme)}</section></div>
<aside>${aboutSection(ctx, options, shown)}${downloadsSection(await downloadsOf(options, repository, shown.versions))}${dependenciesSection(shown)}${await provenanceSection(ctx, options, shown)}</aside></div>`,
  })
}

async function readmeOf({ contents }: PageOptions, { archive }: ShownVersion): Promise<Soon<string>> {
  if (archive === undefined) return { state: 'failed', code: undefined, reason: 'its archive cannot be had from here' }
  return soon(archive().then(async (file) => (await contents.read([file], { part: 'readme' })).toString()))
}

function readmeSection(readme: Soon<string>): Html {
  // Made safe where it was read: workers/readme-html.ts.
  if (readme.state === 'known') return new Html(readme.value)
  if (readme.state === 'pending')
    return html`<p class="soft" role="status">The chart is being read; this page looks again by itself.</p>`
  if (readme.code === 'CHART_NOT_FOUND') return html`<p class="soft">This chart has no README.</p>`
  return html`<p class="ill">The README cannot be shown: ${readme.reason}</p>`
}
