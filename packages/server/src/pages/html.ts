// Pages as text: what is put into one is escaped.

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

/** The path of one of our own pages, by its segments, with what is asked of it. A `+` stays as it is, as in the paths of archives. */
export function pathTo(segments: readonly string[], query: Readonly<Record<string, string>> = {}): string {
  const search = new URLSearchParams(query).toString()
  const path = segments.map((segment) => encodeURIComponent(segment).replaceAll('%2B', '+')).join('/')
  return `/${path}${search === '' ? '' : `?${search}`}`
}

/** A link to one of our own pages. */
export function linkTo(segments: readonly string[], text: string | Html): Html {
  return html`<a href="${pathTo(segments)}">${text}</a>`
}

/** Names and versions up to so many characters never break; up to so many they break after a dash alone. */
const longest = { whole: 20, inParts: 64 }

/** A name or version, which stays on one line unless it is longer than a narrow screen. */
export function whole(text: string): Html {
  const name = text.length <= longest.whole ? 'whole' : text.length <= longest.inParts ? 'parts' : 'long'
  return html`<span class="${name}">${text}</span>`
}

/** One column of a table; `soft` is for what is read last. */
export interface Column {
  readonly name: string
  readonly soft?: boolean
  /** Figures stand under each other. */
  readonly isNumber?: boolean
}

/** A table with a head; on a narrow screen each row is a list that names its columns. */
export function tableOf(columns: readonly Column[], rows: readonly (readonly Part[])[]): Html {
  const classOf = ({ soft, isNumber }: Column): Html | undefined => {
    const classes = [soft === true ? 'soft' : '', isNumber === true ? 'number' : ''].filter((name) => name !== '')
    return classes.length === 0 ? undefined : html` class="${classes.join(' ')}"`
  }
  const cellOf = (part: Part, at: number): Html => {
    const column = columns[at] ?? { name: '' }
    return html`<td data-name="${column.name}"${classOf(column)}>${part}</td>`
  }
  const head = columns.map((column) => html`<th scope="col"${classOf(column)}>${column.name}</th>`)
  const body = rows.map((row) => html`<tr>${row.map(cellOf)}</tr>\n`)
  return html`<table class="list"><thead><tr>${head}</tr></thead><tbody>\n${body}</tbody></table>`
}

/** Lines to copy into a shell or a file, under a word that says what they are for. The script of the pages adds a button. */
export function copyBlock(label: string, text: string): Html {
  return html`<figure class="copy"><figcaption>${label}</figcaption><pre tabindex="0"><code>${text}</code></pre></figure>`
}

/** A link to somewhere else, where it is one that a browser may follow; otherwise the text. */
export function outsideLink(url: string, text: string = url): Html {
  if (!/^https?:\/\//i.test(url)) return html`${text}`
  return html`<a href="${url}" rel="noreferrer nofollow ugc">${text}</a>`
}

/** `12.3 MB` as people read it. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let [value, at] = [bytes, 0]
  while (value >= 1000 && at < units.length - 1) {
    value /= 1000
    at += 1
  }
  return `${at === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${units[at]}`
}

/** `3 charts`, `1 chart`. */
export function countText(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

/** A moment as a person reads it, with the exact one behind it; nothing for what is no time. */
export function timeText(at: number | string | undefined): Html | undefined {
  const time = at === undefined ? Number.NaN : new Date(at).getTime()
  if (Number.isNaN(time)) return undefined
  const text = new Date(time).toISOString()
  return html`<time datetime="${text}" title="${text}" class="whole">${text.slice(0, 10)}</time>`
}
