// Patterns of `.Files.Glob`: `*`, `**`, `?`, classes and alternatives, with `/` as separator (github.com/gobwas/glob).

/** A function that tells whether a path matches; a pattern with a fault matches everything, as in Helm. */
export function compileGlob(pattern: string): (path: string) => boolean {
  const source = translate(pattern)
  if (source === undefined) return () => true
  const regexp = new RegExp(`^(?:${source})$`, 'su')
  return (path) => regexp.test(path)
}

/** The regular expression of a pattern; undefined when a bracket or brace is not closed or a class is empty. */
function translate(pattern: string): string | undefined {
  const characters = Array.from(pattern)
  let source = ''
  let alternatives = 0
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] as string
    if (character === '*') {
      const doubled = characters[at + 1] === '*'
      source += doubled ? '.*' : '[^/]*'
      if (doubled) at++
    } else if (character === '?') source += '[^/]'
    else if (character === '{') {
      alternatives++
      source += '(?:'
    } else if (character === '}' && alternatives > 0) {
      alternatives--
      source += ')'
    } else if (character === ',' && alternatives > 0) source += '|'
    else if (character === '[') {
      const end = characters.indexOf(']', at + 1)
      const content = characters.slice(at + 1, end)
      const negated = content[0] === '!'
      const members = negated ? content.slice(1) : content
      if (end < 0 || members.length === 0) return undefined
      source += `[${negated ? '^' : ''}${members.map(classMember).join('')}]`
      at = end
    } else if (character === '\\') {
      if (characters[at + 1] === undefined) return undefined
      source += literal(characters[++at] as string)
    } else source += literal(character)
  }
  return alternatives === 0 ? source : undefined
}

function classMember(character: string): string {
  return character === '-' || character === '\\' ? character : literal(character)
}

function literal(character: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character
}
