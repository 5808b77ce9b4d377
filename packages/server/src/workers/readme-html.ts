// A README of a stranger as HTML that is safe to show: of its own HTML only what a text needs is left.
import MarkdownIt from 'markdown-it'
import sanitize, { type Attributes, type IOptions, type Tag } from 'sanitize-html'

/** Characters of a README that are shown. */
export const mostReadme: number = 256 * 1024
/** Elements may stand so deep in each other; deeper ones are dropped. */
const deepest = 40

/** What a text needs, and nothing that runs, loads, sends or styles. */
const tags = [
  'h2 h3 h4 h5 h6 p br hr blockquote pre code kbd samp var',
  'ul ol li dl dt dd table caption thead tbody tfoot tr th td',
  'a b strong i em s del ins sub sup small q details summary span',
].flatMap((names) => names.split(' '))

const options: IOptions = {
  allowedTags: tags,
  allowedAttributes: {
    a: ['href', 'rel'],
    ol: ['start'],
    th: ['colspan', 'rowspan', 'scope'],
    td: ['colspan', 'rowspan'],
    pre: ['tabindex'],
    table: ['tabindex'],
    details: ['open'],
  },
  allowedSchemes: ['https', 'http', 'mailto'],
  allowProtocolRelative: false,
  nestingLimit: deepest,
  transformTags: {
    // The page has a heading of its own above.
    h1: 'h2',
    h2: 'h3',
    h3: 'h4',
    h4: 'h5',
    h5: 'h6',
    // What is wider than the page is scrolled, by the keyboard too.
    pre: scrolled,
    table: scrolled,
    a: (tagName, { href = '' }): Tag => ({ tagName, attribs: linkOf(href) }),
    // A picture would be loaded from another host, which would learn who reads here: its words stay.
    img: (_, { alt = '' }): Tag => ({ tagName: 'span', attribs: {}, text: alt.trim() }),
  },
}

/** What can be scrolled can be reached by the keyboard. */
function scrolled(tagName: string): Tag {
  return { tagName, attribs: { tabindex: '0' } }
}

/** Links lead elsewhere only: what is relative means a file that is not here. */
function linkOf(href: string): Attributes {
  return /^(?:https?:|mailto:)/i.test(href.trim()) ? { href: href.trim(), rel: 'noreferrer nofollow ugc' } : {}
}

/** Takes Markdown, of which the first `mostReadme` characters count; gives HTML in which nothing runs, loads or sends. */
export function readmeHtml(text: string): string {
  const markdown = new MarkdownIt({ html: true, linkify: false })
  return sanitize(markdown.render(text.slice(0, mostReadme)), options)
}
