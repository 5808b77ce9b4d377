// Patterns of `--show-only`: `*`, `?` and classes, none of which but a class matches `/` (Go's path/filepath.Match).

const piece = /\*|\?|\[\^?(?:(?:\\.|[^\\\]-])(?:-(?:\\.|[^\\\]-]))?)+\]|\\.|[^*?[\\]/suy
const member = /(\\.|[^\\\]-])(?:-(\\.|[^\\\]-]))?/gsu

/** A function that tells whether a path matches. A pattern with a fault matches nothing, as in Helm. */
export function compilePathPattern(pattern: string): (path: string) => boolean {
  let source = ''
  piece.lastIndex = 0
  while (piece.lastIndex < pattern.length) {
    const found = piece.exec(pattern)?.[0]
    if (found === undefined) return () => false
    source += translate(found)
  }
  const regexp = new RegExp(`^(?:${source})$`, 'su')
  return (path) => regexp.test(path)
}

function translate(found: string): string {
  if (found === '*') return '[^/]*'
  if (found === '?') return '[^/]'
  if (!found.startsWith('[')) return codePoint(found)
  const negated = found.startsWith('[^')
  const members = found.slice(negated ? 2 : 1, -1)
  const ranges = [...members.matchAll(member)].flatMap(([, low = '', high = low]) =>
    bareCharacter(low) <= bareCharacter(high) ? [`${codePoint(low)}-${codePoint(high)}`] : [],
  )
  return `[${negated ? '^' : ''}${ranges.join('')}]`
}

function bareCharacter(spelled: string): number {
  return (spelled.startsWith('\\') ? spelled.slice(1) : spelled).codePointAt(0) ?? 0
}

/** A character, escaped or not, as a regular expression spells every character. */
function codePoint(spelled: string): string {
  return `\\u{${bareCharacter(spelled).toString(16)}}`
}
