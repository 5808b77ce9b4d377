// The image repositories that are here, pushed or pulled through; and one of them with its tags.
import { ChartferryError } from '@chartferry/core'
import type { Context } from 'koa'
import type { CatalogImage, CatalogTag } from '../images/image-catalog.ts'
import { baseUrlOf, callerOf } from '../routes/caller.ts'
import { pageOf, pagesOf } from './chart-rows.ts'
import {
  bytesText,
  copyBlock,
  countText,
  type Html,
  html,
  linkTo,
  type Part,
  pathTo,
  tableOf,
  timeText,
  whole,
} from './html.ts'
import type { PageOptions } from './page-options.ts'
import { sendPage } from './send-page.ts'
import { shellWord } from './shell-word.ts'

const perPage = { names: 200, tags: 50 }
/** Names of an owner that are looked at. */
const mostNames = 20_000

/** `/-/images`: those that the caller may pull; `?q=` keeps those whose name has the text. */
export async function sendImageList(ctx: Context, options: PageOptions): Promise<void> {
  const { catalog, access } = options
  const query = String(ctx.query.q ?? '')
    .slice(0, 200)
    .trim()
  const page = pageOf(ctx.query.page)
  const caller = callerOf(ctx)
  const found: { readonly name: string; readonly kind: string }[] = []
  for (const { name: owner, kind } of catalog?.owners ?? []) {
    if (catalog === undefined || !access.allows(caller, 'pull', owner)) continue
    let left = mostNames
    for await (const name of catalog.names(owner)) {
      if (left-- <= 0) break
      if (name.includes(query.toLowerCase()) && catalog.mayPull(name, caller)) found.push({ name, kind })
    }
  }
  found.sort((a, b) => (a.name < b.name ? -1 : 1))
  const shown = found.slice((page - 1) * perPage.names, page * perPage.names)
  const rows = shown.map(({ name, kind }) => [
    linkTo(['-', 'images', ...name.split('/')], html`<span class="long">${name}</span>`),
    kind,
  ])
  await sendPage(ctx, options, {
    title: 'Images',
    body: html`<h1>Images</h1><p class="soft">What was pushed here, and what was pulled through.</p>
<form class="search" role="search" aria-label="On this page"><input type="search" name="q" value="${query}" placeholder="A part of the name" aria-label="A part of the name"><button>Search</button></form>
<p class="soft" role="status">${countText(found.length, 'repository', 'repositories')}</p>
${rows.length === 0 ? html`<p>${query === '' ? 'Nothing was pushed or pulled through yet.' : 'None has this text in its name.'}</p>` : tableOf([{ name: 'repository' }, { name: 'how it came', soft: true }], rows)}
${pagesOf((to) => pathTo(['-', 'images'], { q: query, page: String(to) }), page, found.length, perPage.names)}`,
  })
}

/** `/-/images/<name>`; `?page=` goes on. Throws REPOSITORY_NOT_FOUND, also for one that the caller may not pull. */
export async function sendImagePage(ctx: Context, options: PageOptions, owner: string, path: string): Promise<void> {
  const { catalog, publicUrl } = options
  const name = `${owner}/${path}`
  const isSeen = catalog?.owners.some((one) => one.name === owner) === true && catalog.mayPull(name, callerOf(ctx))
  const tags = isSeen ? await catalog.tags(name) : undefined
  if (catalog === undefined || tags === undefined)
    throw new ChartferryError('REPOSITORY_NOT_FOUND', `there is no image repository ${name} here`, {
      hint: 'An image repository that is pulled through appears after the first pull.',
    })
  const page = pageOf(ctx.query.page)
  const sorted = [...tags].sort((a, b) => b.tag.localeCompare(a.tag, 'en', { numeric: true }))
  const shown = sorted.slice((page - 1) * perPage.tags, page * perPage.tags)
  const described = await Promise.all(shown.map(async (tag) => rowOf(tag, await catalog.describe(name, tag.digest))))
  const host = baseUrlOf(ctx, publicUrl).replace(/^https?:\/\//, '')
  const columns = [
    { name: 'tag' },
    { name: 'platforms and sizes' },
    { name: 'digest', soft: true },
    { name: 'pushed', soft: true },
    { name: 'last pulled', soft: true },
  ]
  await sendPage(ctx, options, {
    title: name,
    body: html`<nav class="crumbs" aria-label="Breadcrumb"><ol><li><a href="/-/images">images</a></li></ol></nav><h1 class="long">${name}</h1>
<p class="soft">${countText(tags.length, 'tag')}</p>${copyBlock('Pull it', `docker pull ${shellWord(`${host}/${name}:${sorted[0]?.tag ?? 'latest'}`)}`)}
${tableOf(columns, described)}${pagesOf((to) => pathTo(['-', 'images', ...name.split('/')], { page: String(to) }), page, tags.length, perPage.tags)}`,
  })
}

function rowOf({ tag, digest }: CatalogTag, { platforms, pushedAt, pulledAt }: CatalogImage): readonly Part[] {
  const lines = platforms.map(({ platform, size }): Html => {
    const bytes = size === undefined ? undefined : html` <span class="soft whole">${bytesText(size)}</span>`
    return html`<li>${whole(platform === '' ? 'not known' : platform)}${bytes}</li>`
  })
  return [
    whole(tag),
    lines.length === 0 ? undefined : html`<ul class="plain">${lines}</ul>`,
    html`<code class="digest" title="${digest}">${digest.slice(0, 19)}</code>`,
    timeText(pushedAt),
    pulledAt === undefined ? 'never' : timeText(pulledAt),
  ]
}
