// The part of JMESPath that finds the allowed actions in a token: names, numbers and filters in brackets, `*`,
// comparisons with `&&` and `||`, pipes. Anything else is refused when the server starts.
import { ChartferryError } from '@chartferry/core'

/** ChartMuseum's own way: its `$` words are replaced at each request. */
export const defaultSearchPath = "access[?name=='$NAMESPACE' && type=='$ACCESS_ENTRY_TYPE'] | [0].actions"

type Step =
  | { readonly name: string }
  | { readonly index: number }
  | { readonly filter: Condition }
  /** All items of a list, each taken further on its own. */
  | { readonly all: true }
  /** What comes before is one value again. */
  | { readonly pipe: true }

type Condition =
  | { readonly path: readonly string[]; readonly equal: boolean; readonly text: string }
  | { readonly every: readonly Condition[] }
  | { readonly some: readonly Condition[] }

const token =
  /\s*(?:([A-Za-z_]\w*)|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(-?\d+)|(\[\?|\[|\]|\.|\|\||\||&&|==|!=|\*|\(|\)))/y

/** What a search path finds in claims, with words put in for `$` names. Undefined for nothing. */
export type SearchPath = (claims: unknown, words: Readonly<Record<string, string>>) => unknown

/** Throws CONFIG_INVALID for what is not of the part that is understood. */
export function parseSearchPath(text: string): SearchPath {
  const tokens = tokensOf(text)
  let at = 0
  const peek = (): string | undefined => tokens[at]?.text
  const refuse = (): ChartferryError =>
    new ChartferryError('CONFIG_INVALID', `--auth-actions-search-path: cannot read ${JSON.stringify(text)}`, {
      hint: `It may have names, [number], [*], [?a=='b' && c=='d'] and | as in ${defaultSearchPath}`,
    })
  const take = (wanted?: string): Token => {
    const found = tokens[at++]
    if (found === undefined || (wanted !== undefined && (found.kind !== 'sign' || found.text !== wanted)))
      throw refuse()
    return found
  }
  const isSign = (sign: string): boolean => tokens[at]?.kind === 'sign' && peek() === sign
  const name = (): string => {
    const found = take()
    if (found.kind !== 'name') throw refuse()
    return found.text
  }

  function condition(): Condition {
    const some = [conjunction()]
    while (isSign('||')) {
      take()
      some.push(conjunction())
    }
    return some.length === 1 && some[0] !== undefined ? some[0] : { some }
  }
  function conjunction(): Condition {
    const every = [comparison()]
    while (isSign('&&')) {
      take()
      every.push(comparison())
    }
    return every.length === 1 && every[0] !== undefined ? every[0] : { every }
  }
  function comparison(): Condition {
    if (isSign('(')) {
      take()
      const inside = condition()
      take(')')
      return inside
    }
    const path = [name()]
    while (isSign('.')) {
      take()
      path.push(name())
    }
    const equal = isSign('==')
    if (!equal && !isSign('!=')) throw refuse()
    take()
    const literal = take()
    if (literal.kind !== 'text') throw refuse()
    return { path, equal, text: literal.text }
  }
  function bracket(): Step {
    if (isSign('[?')) {
      take()
      const filter = condition()
      take(']')
      return { filter }
    }
    take('[')
    const inside = take()
    take(']')
    if (inside.kind === 'number') return { index: Number(inside.text) }
    if (inside.kind === 'sign' && inside.text === '*') return { all: true }
    throw refuse()
  }

  const steps: Step[] = []
  while (at < tokens.length) {
    const last = steps.at(-1)
    const isFirst = last === undefined || 'pipe' in last
    if (isSign('[') || isSign('[?')) steps.push(bracket())
    else if (isFirst) steps.push({ name: name() })
    else if (isSign('.')) {
      take()
      steps.push({ name: name() })
    } else {
      take('|')
      steps.push({ pipe: true })
    }
  }
  const last = steps.at(-1)
  if (last === undefined || 'pipe' in last) throw refuse()
  return (claims, words) => evaluate(steps, claims, words)
}

interface Token {
  readonly kind: 'name' | 'text' | 'number' | 'sign'
  readonly text: string
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  token.lastIndex = 0
  while (text.slice(token.lastIndex).trim() !== '') {
    const match = token.exec(text)
    if (match === null) return []
    const [, bare, quoted, raw, number, sign] = match
    if (raw !== undefined) tokens.push({ kind: 'text', text: raw.replace(/\\'/g, "'") })
    else if (number !== undefined) tokens.push({ kind: 'number', text: number })
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign })
    else tokens.push({ kind: 'name', text: bare ?? quoted ?? '' })
  }
  return tokens
}

function evaluate(steps: readonly Step[], claims: unknown, words: Readonly<Record<string, string>>): unknown {
  let value: unknown = claims
  /** Whether each item of the value goes its own way. */
  let isMany = false
  const each = (take: (item: unknown) => unknown): void => {
    value = isMany && Array.isArray(value) ? value.map(take).filter((item) => item !== undefined) : take(value)
  }
  for (const step of steps) {
    if ('pipe' in step) isMany = false
    else if ('name' in step) each((item) => memberOf(item, step.name))
    else if ('index' in step) each((item) => (Array.isArray(item) ? (item.at(step.index) as unknown) : undefined))
    else {
      each((item) => {
        if (!Array.isArray(item)) return undefined
        return 'all' in step ? item : item.filter((one) => holds(step.filter, one, words))
      })
      if (isMany && Array.isArray(value)) value = value.flat()
      isMany = true
    }
  }
  return value
}

function holds(condition: Condition, item: unknown, words: Readonly<Record<string, string>>): boolean {
  if ('every' in condition) return condition.every.every((one) => holds(one, item, words))
  if ('some' in condition) return condition.some.some((one) => holds(one, item, words))
  const { path, equal, text } = condition
  let found: unknown = item
  for (const name of path) found = memberOf(found, name)
  // The words are put in where the text is compared, so that no repository's name can be read as a condition.
  const wanted = text.replace(/\$[A-Z_]+/g, (word) => words[word] ?? word)
  return (found === wanted) === equal
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined
}
