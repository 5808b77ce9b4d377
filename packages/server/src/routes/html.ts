// Pages as text: what is put into one is escaped, and no page runs anything.
import { createHash } from 'node:crypto'
import type { Context } from 'koa'

/** Text that is HTML already. */
export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** What can stand in a page. */
export type Part = string | number | Html | undefined | readonly Html[]

/** Makes HTML of a template; every value in it is escaped unless it is HTML itself. Undefined is nothing. */
export function html(literals: TemplateStringsArray, ...values: readonly Part[]): Html {
  return new Html(literals.reduce((text, literal, at) => text + textOf(values[at - 1]) + literal))
}

function textOf(part: Part): string {
  if (part === undefined) return ''
  if (part instanceof Html) return part.text
  if (typeof part === 'object') return part.map(({ text }) => text).join('')
  return String(part).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** A link to one of our own pages, by the segments of its path. */
export function linkTo(segments: readonly string[], text: string): Html {
  return html`<a href="/${segments.map(encodeURIComponent).join('/')}">${text}</a>`
}

/** One column of a table; `soft` is for what is read last, `words` for what is not to be broken within a word. */
export interface Column {
  readonly name: string
  readonly soft?: boolean
  readonly words?: boolean
}

/** A table with a head; on a narrow screen each row is a list that names its columns. */
export function tableOf(columns: readonly Column[], rows: readonly (readonly Part[])[]): Html {
  const cellOf = (part: Part, column: number): Html => {
    const { name, soft, words } = columns[column] ?? { name: '' }
    const classes = [...(soft === true ? ['soft'] : []), ...(words === true ? ['word'] : [])].join(' ')
    return html`<td data-name="${name}"${classes === '' ? undefined : html` class="${classes}"`}>${part}</td>`
  }
  const head = columns.map(({ name }) => html`<th scope="col">${name}</th>`)
  const body = rows.map((row) => html`<tr>${row.map(cellOf)}</tr>\n`)
  return html`<table class="list"><thead><tr>${head}</tr></thead><tbody>\n${body}</tbody></table>`
}

const style = `:root{color-scheme:light dark;--line:light-dark(#d8dee4,#3a424c);--soft:light-dark(#59636e,#9aa4af);
--link:light-dark(#0b57d0,#8ab4f8);--ill:light-dark(#b3261e,#f2b8b5);--box:light-dark(#f4f6f8,#1d232b)}
body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:0 auto;padding:1.5rem;background:light-dark(#fff,#12161b);
color:light-dark(#1c2127,#e4e8ec)}a{color:var(--link)}h1{font-size:1.5rem;margin:.5rem 0}h2{font-size:1.1rem;margin-top:2rem}
nav,p.soft,td.soft,footer{color:var(--soft)}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.45rem .75rem .45rem 0;border-bottom:1px solid var(--line);vertical-align:top}
th{font-size:.85rem;color:var(--soft)}td,li,.digest{overflow-wrap:anywhere}td.word{overflow-wrap:break-word}.ill{color:var(--ill)}
pre{font-size:.85rem;background:var(--box);padding:.75rem 1rem;overflow:auto;border-radius:6px}
form{display:flex;gap:.5rem;margin:1rem 0}input{flex:0 1 20rem;min-width:0}input,button{font:inherit;padding:.3rem .6rem}
code,.digest{font-family:ui-monospace,monospace;font-size:.9rem}:focus-visible{outline:2px solid var(--link);outline-offset:2px}
@media(max-width:40rem){body{padding:1rem}.list thead{position:absolute;clip-path:inset(50%)}.list tr{display:block;padding:.5rem 0;
border-bottom:1px solid var(--line)}.list td{display:flex;gap:.75rem;border:0;padding:.1rem 0;overflow-wrap:anywhere}.list td:empty{display:none}
.list td::before{content:attr(data-name);flex:0 0 6rem;color:var(--soft);font-size:.85rem;line-height:1.8}}
footer{margin-top:3rem;font-size:.85rem}`

const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`

export interface PageOptions {
  /** Seconds after which a browser asks again. Default: never. */
  readonly refresh?: number
}

/** Sends a page. Nothing in it may be loaded or run except the style. */
export function sendPage(
  ctx: Context,
  title: string,
  version: string,
  body: Html,
  { refresh }: PageOptions = {},
): void {
  if (refresh !== undefined) ctx.set('Refresh', String(refresh))
  ctx.set('Content-Security-Policy', policy)
  ctx.set('Referrer-Policy', 'no-referrer')
  ctx.set('Cache-Control', 'no-store')
  ctx.type = 'text/html'
  ctx.body =
    html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title><style>${new Html(style)}</style></head><body>${body}<footer>chartferry ${version}</footer></body></html>
`.text
}
