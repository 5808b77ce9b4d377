// Patterns of chart names as people write them: `*` stands for any characters, everything else for itself.

/** Whether a chart name is meant by one of the patterns. */
export function namePatterns(patterns: readonly string[]): (name: string) => boolean {
  const parts = patterns.map((pattern) => pattern.split('*'))
  return (name) => parts.some((literals) => matches(literals, name))
}

/** The literals must stand in the name in their order, the first one at its start and the last one at its end. */
function matches(literals: readonly string[], name: string): boolean {
  const [first = '', ...others] = literals
  const last = others.pop()
  if (last === undefined) return name === first
  if (!name.startsWith(first)) return false
  let from = first.length
  for (const literal of others) {
    const at = name.indexOf(literal, from)
    if (at < 0) return false
    from = at + literal.length
  }
  return name.length - last.length >= from && name.endsWith(last)
}
