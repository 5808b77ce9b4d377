// A rendering held against two of helm: equal, equal but for what changes from run to run, or different and where.

/** How a rendering compares. */
export type Verdict =
  | { readonly kind: 'identical' }
  | { readonly kind: 'volatile' }
  | { readonly kind: 'different'; readonly where: string }

/** Compares with two runs of helm; only places where these differ may differ from them. */
export function compareOutput(engine: string, [first, second]: readonly [string, string]): Verdict {
  if (engine === first || engine === second) return { kind: 'identical' }
  const ours = documents(engine)
  const helm = documents(first)
  const again = documents(second)
  if (ours.length !== helm.length) {
    const odd = helm.findIndex((text, index) => header(text) !== header(ours[index] ?? ''))
    return {
      kind: 'different',
      where: `${ours.length} documents, helm has ${helm.length}; from ${header(helm[odd] ?? '')}`,
    }
  }
  for (const [index, text] of helm.entries()) {
    const where = differs(ours[index] ?? '', text, again[index] ?? '')
    if (where !== undefined) return { kind: 'different', where: `${header(text)}: ${where}` }
  }
  return { kind: 'volatile' }
}

function documents(text: string): string[] {
  return text.split(/^---\n(?=# Source: )/m)
}

function header(text: string): string {
  return text.slice(0, Math.max(0, text.indexOf('\n'))).replace('# Source: ', '')
}

/** The first line that differs though helm's two runs agree on it; undefined when there is none. */
function differs(ours: string, first: string, second: string): string | undefined {
  if (ours === first || ours === second) return undefined
  const changing = new Set(unlike(first, second).flat().map(keyOf))
  const [added, missing] = unlike(ours, first)
  const line = [...missing, ...added].find((text) => !changing.has(keyOf(text)))
  if (line === undefined && changing.size > 0) return undefined
  return `helm ${JSON.stringify(missing[0] ?? '')}, engine ${JSON.stringify(added[0] ?? '')}`
}

/** The lines of each text that the other does not have. */
function unlike(a: string, b: string): readonly [readonly string[], readonly string[]] {
  const left = a.split('\n')
  const right = b.split('\n')
  const inLeft = new Set(left)
  const inRight = new Set(right)
  return [left.filter((line) => !inRight.has(line)), right.filter((line) => !inLeft.has(line))]
}

/** A line without its value; lines of a certificate or of base64 count as one. */
function keyOf(line: string): string {
  const key = /^\s*(?:- )?[^:\s]+:/.exec(line)?.[0]
  return key ?? '(text)'
}
