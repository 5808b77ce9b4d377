// Which line of a configuration file a setting stands on. The file is block YAML as people write it; for other forms
// there is no line.

/** The 1-based line of the deepest key of the path that is found; undefined when not even the first one is. */
export function lineOf(text: string, path: readonly string[]): number | undefined {
  const lines = text.split('\n')
  let found: number | undefined
  let from = 0
  let outer = -1
  for (const key of path) {
    let inner: number | undefined
    let next: number | undefined
    for (let index = from; index < lines.length && next === undefined; index++) {
      const match = /^( *)(?:"([^"]*)"|'([^']*)'|([^\s#"'][^:#]*?))\s*:(?:\s|$)/.exec(lines[index] ?? '')
      if (match === null) continue
      const indent = (match[1] ?? '').length
      if (indent <= outer) break
      inner ??= indent
      if (indent === inner && (match[2] ?? match[3] ?? match[4]) === key) {
        next = index
        outer = indent
      }
    }
    if (next === undefined) return found
    found = next + 1
    from = next + 1
  }
  return found
}
