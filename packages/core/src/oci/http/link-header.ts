// Reads Link headers (RFC 8288, 3 and appendix B.2).

/** One link of a header. */
export interface HeaderLink {
  /** As it was written, most often relative. */
  readonly target: string
  /** Relation types in small letters. */
  readonly relations: readonly string[]
}

const parameter = /\s*;\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?/y
const start = /[\s,]*<([^>]*)>/y

/** The links of a header; what cannot be read ends them. Commas and semicolons in targets and quotes separate nothing. */
export function parseLinks(header: string): readonly HeaderLink[] {
  const links: HeaderLink[] = []
  for (let at = 0; at < header.length; ) {
    start.lastIndex = at
    const target = start.exec(header)?.[1]
    if (target === undefined) break
    at = start.lastIndex
    let relations: readonly string[] | undefined
    for (;;) {
      parameter.lastIndex = at
      const match = parameter.exec(header)
      if (match === null) break
      at = parameter.lastIndex
      const [, name = '', quoted, bare = ''] = match
      // Of several `rel` the first counts (3.3).
      if (name.toLowerCase() === 'rel')
        relations ??= (quoted?.replace(/\\(.)/g, '$1') ?? bare).toLowerCase().split(/\s+/).filter(Boolean)
    }
    links.push({ target, relations: relations ?? [] })
  }
  return links
}
