// Where a value stands in a YAML document, and how a person writes that: `a.b[0]."x.y"`.
import { ChartferryError } from '../../errors.ts'

/** The keys (texts) and list positions (numbers, from 0) from the root to a value; empty for the root. */
export type ValuesPath = readonly (string | number)[]

const bareKey = /^[A-Za-z0-9_/@$+-]+$/
const step = /\.?(?:\[(?<index>[0-9]+)\]|"(?<quoted>(?:[^"\\]|\\.)*)"|(?<bare>[A-Za-z0-9_/@$+-]+))/y

/**
 * The text of a path; keys that hold more than letters, digits and `_/@$+-` are written as JSON strings. The root is
 * ``.
 */
export function formatPath(path: ValuesPath): string {
  const steps = path.map((key) => {
    if (typeof key === 'number') return `[${key}]`
    return `.${bareKey.test(key) ? key : JSON.stringify(key)}`
  })
  return steps.join('').replace(/^\./, '')
}

/** The path that a text names, as `formatPath` writes it. Throws USAGE for a text that is none. */
export function parsePath(text: string): ValuesPath {
  const path: (string | number)[] = []
  const wrong = (): ChartferryError => new ChartferryError('USAGE', `${JSON.stringify(text)} is not a path of values`)
  for (let at = 0; at < text.length; ) {
    step.lastIndex = at
    const found = step.exec(text)
    const { index, quoted, bare } = found?.groups ?? {}
    // A dot stands before every key but the first, and before nothing else.
    if (!found || found[0].startsWith('.') !== (at > 0 && index === undefined)) throw wrong()
    if (index !== undefined) path.push(Number(index))
    else if (bare !== undefined) path.push(bare)
    else path.push(unquote(quoted ?? '', wrong))
    at += found[0].length
  }
  return path
}

function unquote(text: string, wrong: () => ChartferryError): string {
  try {
    return String(JSON.parse(`"${text}"`))
  } catch {
    throw wrong()
  }
}
