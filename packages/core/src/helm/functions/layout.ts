// Go's layouts of dates and times: which parts of `Mon Jan 2 15:04:05 2006` stand where.

/** A part of a layout: an element of the date, or text between two of them. */
export interface LayoutPart {
  readonly kind: 'element' | 'text'
  readonly text: string
}

// In this order: the longest spelling of an element wins.
const element = new RegExp(
  [
    'January',
    'Jan(?![a-z])',
    'Monday',
    'Mon(?![a-z])',
    'MST',
    '002',
    '0[1-6]',
    '15',
    '2006',
    '_2(?!006)',
    '__2',
    '[1-5]',
    'PM',
    'pm',
    '[-Z](?:070000|07:00:00|0700|07:00|07)',
    '[.,](?:0+|9+)(?!\\d)',
  ].join('|'),
  'g',
)

/** The parts of a layout in order. */
export function layoutParts(layout: string): LayoutPart[] {
  const parts: LayoutPart[] = []
  let done = 0
  for (const { 0: text, index } of layout.matchAll(element)) {
    if (index > done) parts.push({ kind: 'text', text: layout.slice(done, index) })
    parts.push({ kind: 'element', text })
    done = index + text.length
  }
  if (done < layout.length) parts.push({ kind: 'text', text: layout.slice(done) })
  return parts
}

/** Names of the months, January first. */
export const months = 'January February March April May June July August September October November December'.split(
  ' ',
) as readonly string[]

/** Names of the days, Sunday first. */
export const days = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ') as readonly string[]
