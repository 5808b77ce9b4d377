// Reads chartferry.yaml.

import { parseIndexDigest } from '../../digest.ts'
import { ChartferryError, messageOf } from '../../errors.ts'
import { parseVersionRange } from '../../helm/semver/version-range.ts'
import { lineFinder } from '../../helm/yaml/line-of-path.ts'
import { parseYaml } from '../../helm/yaml/parse.ts'
import { parsePlatform } from '../../oci/content/platforms.ts'
import { parseReference } from '../../reference/reference.ts'
import { parseTarget } from '../../reference/target.ts'
import { parseMode, parseRule, type Rule } from '../../relocation/model/rule.ts'
import { checkFileUrl, type FileRequest, parseFileRequest } from '../assets/file-asset.ts'
import { parseFilePlace } from '../assets/file-place.ts'
import { isMap, openPart, type Part } from '../document-part.ts'
import { readerBeside } from '../reaching/own-registries.ts'
import { parseRegistries, type ReadNamedFile } from '../reaching/parse-registries.ts'
import type { Declaration, DeclaredChart } from './declaration.ts'

const keys = [
  'charts',
  'images',
  'files',
  'target',
  'mode',
  'rules',
  'platforms',
  'fileRepository',
  'kubeVersion',
  'apiVersions',
  'registries',
  // The command line reads them; nothing here follows from them.
  'flags',
]

/**
 * Takes the text, what messages call it, and what reads the files that it names. Throws CONFIG_INVALID with all faults, each with its line, also in
 * `details.faults`; YAML_INVALID.
 */
export function parseDeclaration(
  text: string,
  where: string,
  readNamed: ReadNamedFile = readerBeside(where),
): Declaration {
  const value = parseYaml(text, { where }) ?? {}
  const lineOf = lineFinder(text, where)
  const faults: string[] = []
  const root = openPart(value, [], (path, what) => void faults.push(`${where}:${lineOf(path)}: ${what}`))
  const declaration = readDeclaration(root, readNamed)
  if (faults.length === 0) return declaration
  throw new ChartferryError('CONFIG_INVALID', faults.join('\n'), {
    details: { faults },
    hint: 'Mend the lines named; `docs/chartferry-yaml.md` lists every setting.',
  })
}

const nothing: Declaration = {
  charts: [],
  images: [],
  files: [],
  platforms: [],
  rules: [],
  registries: [],
  apiVersions: [],
}

function readDeclaration(root: Part, readNamed: ReadNamedFile): Declaration {
  if (!root.onlyKeys(...keys)) return nothing
  const list = <Item>(key: string, read: (part: Part) => Item | undefined): readonly Item[] =>
    (root.at(key)?.items() ?? []).flatMap((part) => read(part) ?? [])
  const named = <Key extends string>(key: Key, check: (text: string) => unknown): { readonly [K in Key]?: string } => {
    const found = root.at(key)?.parsed(checked(check))
    return found === undefined ? {} : ({ [key]: found } as { readonly [K in Key]?: string })
  }
  const mode = root.at('mode')?.parsed(parseMode)
  const declaration: Declaration = {
    charts: list('charts', readChart),
    images: list('images', (part) => part.parsed(checked(parseReference))),
    files: list('files', readFileRequest),
    platforms: list('platforms', (part) => part.parsed(checked(parsePlatform))),
    rules: list('rules', readRule),
    registries: parseRegistries(root.at('registries'), readNamed),
    apiVersions: list('apiVersions', (part) => part.text()),
    ...(mode === undefined ? {} : { mode }),
    ...named('target', parseTarget),
    ...named('fileRepository', parseFilePlace),
    ...named('kubeVersion', () => {}),
  }
  const isEmpty = declaration.charts.length + declaration.images.length + declaration.files.length === 0
  if (isEmpty && root.at('charts') === undefined) root.fault('names no charts, images or files')
  return declaration
}

/** A parser that keeps the text. */
function checked(parse: (text: string) => unknown): (text: string) => string {
  return (text) => {
    parse(text)
    return text
  }
}

/** A name alone, or a mapping. */
function readChart(part: Part): DeclaredChart | undefined {
  if (typeof part.value === 'string') {
    const chart = part.text()
    return chart === undefined ? undefined : { chart, values: [] }
  }
  if (!part.onlyKeys('chart', 'repo', 'version', 'values')) return undefined
  const chart = part.at('chart')?.text() ?? (part.at('chart') === undefined ? part.fault('has no `chart`') : undefined)
  const repo = part.at('repo')?.parsed((text) => {
    if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text
    throw new ChartferryError('USAGE', 'must be an http or https URL')
  })
  const version = part.at('version')?.parsed(checked(parseVersionRange))
  const values = readValues(part.at('values'))
  if (chart === undefined) return undefined
  return { chart, values, ...(repo === undefined ? {} : { repo }), ...(version === undefined ? {} : { version }) }
}

/** A file, values, or a list of both. */
function readValues(part: Part | undefined): DeclaredChart['values'] {
  if (part === undefined) return []
  const items = Array.isArray(part.value) ? part.items() : [part]
  return items.flatMap((item): DeclaredChart['values'] => {
    const value = isMap(item.value) ? item.value : item.text()
    return value === undefined ? [] : [value]
  })
}

/** A URL, with its digest behind it where there is one, or a mapping. */
function readFileRequest(part: Part): FileRequest | undefined {
  if (typeof part.value === 'string') return part.parsed(parseFileRequest)
  if (!part.onlyKeys('url', 'sha256')) return undefined
  const url =
    part.at('url')?.parsed(checkFileUrl) ?? (part.at('url') === undefined ? part.fault('has no `url`') : undefined)
  const digest = part.at('sha256')?.parsed((text) => {
    const found = parseIndexDigest(text)
    if (found === undefined) throw new ChartferryError('USAGE', 'is no sha256: 64 hexadecimal digits')
    return found
  })
  return url === undefined ? undefined : { url, ...(digest === undefined ? {} : { digest }) }
}

function readRule(part: Part): Rule | undefined {
  try {
    return parseRule(part.value)
  } catch (thrown) {
    return part.fault(messageOf(thrown))
  }
}
