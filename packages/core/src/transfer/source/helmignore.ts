// What .helmignore leaves out of a chart folder, by Helm's rules (pkg/ignore: shell patterns, no `**`).

/** Says whether a path below the chart folder is left out. */
export type IgnoreRule = (path: string, isDirectory: boolean) => boolean

/** The rules of a .helmignore text. Helm always leaves out dot files directly below templates/. */
export function parseHelmignore(text: string): IgnoreRule {
  const rules = ['templates/.?*', ...text.split(/\r?\n/)].flatMap(parseLine)
  return (path, isDirectory) => {
    for (const { matches, isNegated, directoriesOnly } of rules) {
      // Helm asks a negated rule for what is to stay: whatever it does not match is left out.
      if (isNegated) {
        if (directoriesOnly && !isDirectory) return true
        if (!matches(path)) return true
      } else if (!(directoriesOnly && !isDirectory) && matches(path)) {
        return true
      }
    }
    return false
  }
}

interface Line {
  readonly isNegated: boolean
  readonly directoriesOnly: boolean
  readonly matches: (path: string) => boolean
}

function parseLine(line: string): readonly Line[] {
  let pattern = line.trim()
  if (pattern === '' || pattern.startsWith('#')) return []
  const isNegated = pattern.startsWith('!')
  if (isNegated) pattern = pattern.slice(1)
  const directoriesOnly = pattern.endsWith('/')
  if (directoriesOnly) pattern = pattern.slice(0, -1)
  const isRooted = pattern.startsWith('/')
  const expression = toExpression(isRooted ? pattern.slice(1) : pattern)
  // A pattern with a slash is meant from the chart folder on; one without names a file in any folder.
  const wholePath = isRooted || pattern.includes('/')
  const matches = (path: string): boolean => expression.test(wholePath ? path : path.slice(path.lastIndexOf('/') + 1))
  return [{ isNegated, directoriesOnly, matches }]
}

/** A shell pattern as Go's filepath.Match reads it: `*` and `?` stop at a slash. */
function toExpression(pattern: string): RegExp {
  const body = pattern.replace(/\[[^\]]+\]|\\.|[\s\S]/g, (piece) => {
    if (piece === '*') return '[^/]*'
    if (piece === '?') return '[^/]'
    if (piece.length > 1 && piece.startsWith('[')) return piece.replace(/^\[\^/, '[^').replace(/\\(?=[^\]\\-])/g, '')
    return (piece.startsWith('\\') && piece.length > 1 ? piece.slice(1) : piece).replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
  })
  return new RegExp(`^${body}$`, 'u')
}
