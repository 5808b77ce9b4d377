// Reads the declaration files that the compiler wrote: which declarations an entry exports, and which types these speak of.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** One declaration of one file. */
export interface Declaration {
  readonly file: string
  readonly name: string
  readonly text: string
}

interface DeclarationFile {
  readonly declarations: ReadonlyMap<string, Declaration>
  /** Names of this file that stand for something of another one: imports, and exports from there. */
  readonly links: ReadonlyMap<string, { readonly file: string; readonly name: string }>
}

const files = new Map<string, DeclarationFile>()

function readDeclarations(file: string): DeclarationFile {
  const known = files.get(file)
  if (known !== undefined) return known
  const text = withoutComments(readFileSync(file, 'utf8'))
  const links = new Map<string, { readonly file: string; readonly name: string }>()
  for (const [, names = '', from = ''] of text.matchAll(
    /(?:import|export)\s+(?:type\s+)?\{([^}]*)\}\s+from\s+'([^']+)'/g,
  )) {
    if (!from.startsWith('.')) continue
    const target = join(dirname(file), from.replace(/\.[jt]s$/, '.d.ts'))
    for (const entry of names.split(',')) {
      const [name, alias = name] = entry
        .trim()
        .replace(/^type\s+/, '')
        .split(/\s+as\s+/)
      if (name !== undefined && name !== '') links.set(alias ?? name, { file: target, name })
    }
  }
  const declarations = new Map<string, Declaration>()
  const start = /^(?:export )?(?:declare )?(?:abstract )?(?:interface|type|class|function|const|let) (\w+)/gm
  const found = [...text.matchAll(start)]
  for (const [index, match] of found.entries()) {
    const name = match[1] ?? ''
    const body = text.slice(match.index, found[index + 1]?.index ?? text.length)
    const before = declarations.get(name)
    declarations.set(name, { file, name, text: before === undefined ? body : `${before.text}${body}` })
  }
  const read = { declarations, links }
  files.set(file, read)
  return read
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '')
}

/** Follows a name through imports and exports to where it is declared; undefined for what comes from another package. */
function resolve(file: string, name: string): Declaration | undefined {
  const { declarations, links } = readDeclarations(file)
  const link = links.get(name)
  return link === undefined ? declarations.get(name) : resolve(link.file, link.name)
}

/** What an entry exports, by name. */
export function exportsOf(entry: string): Map<string, Declaration> {
  const { declarations, links } = readDeclarations(entry)
  const exported = new Map<string, Declaration>()
  for (const name of links.keys()) {
    const found = resolve(entry, name)
    if (found !== undefined) exported.set(name, found)
  }
  for (const declaration of declarations.values()) {
    if (declaration.text.startsWith('export')) exported.set(declaration.name, declaration)
  }
  return exported
}

/** The types of this package that a declaration speaks of; what an interface extends belongs to it. */
export function typesIn({ file, name, text }: Declaration): Declaration[] {
  const code = text.replaceAll(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g, "''").replaceAll(/\btypeof \w+/g, '')
  const [, bases = ''] = /^[^{]*? extends ([^{]+)\{/.exec(code) ?? []
  const words = new Set(code.match(/(?<![.\w])[A-Za-z_]\w*(?!\w*\??:)/g))
  words.delete(name)
  return [...words].flatMap((word) => {
    const found = resolve(file, word)
    if (found === undefined) return []
    return new RegExp(`\\b${word}\\b`).test(bases) ? typesIn(found) : [found]
  })
}
