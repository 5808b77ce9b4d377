// The head of a manifest: the few fields that Helm looks at, read as Go reads them into a struct.
import { hash } from 'node:crypto'
import { ChartferryError } from '../../../errors.ts'
import { printScalar } from '../../template/print.ts'
import { GoError, GoMap, type PlainValue, plain } from '../../template/value.ts'
import { readYaml } from '../../yaml/go/read.ts'

// Go's messages name the type that a field should have had.
const metadataType = 'struct { Name string "json:\\"name\\""; Annotations map[string]string "json:\\"annotations\\"" }'

/** What a manifest says of itself. */
export interface ManifestHead {
  /** Empty where it has none. */
  readonly kind: string
  /** The events of a hook, as they are written; undefined where it is none. */
  readonly hook: string | undefined
}

/** Heads by the digests of their documents: most documents of a chart are the same in every scenario. */
const heads = new Map<string, ManifestHead>()
const mostHeads = 5000

/**
 * Reads the head of a document; `source` is its template. Throws RENDER_FAILED, in Go's words, where it is no manifest.
 */
export function readHead(text: string, source: string, helm: 3 | 4): ManifestHead {
  // Texts with bytes that are no UTF-8 have no digest of their own.
  if (!text.isWellFormed()) return readHeadAnew(text, source, helm)
  const digest = hash('sha256', text, 'base64')
  const known = heads.get(digest)
  if (known !== undefined) return known
  const head = readHeadAnew(text, source, helm)
  if (heads.size >= mostHeads) heads.delete(heads.keys().next().value as string)
  heads.set(digest, head)
  return head
}

function readHeadAnew(text: string, source: string, helm: 3 | 4): ManifestHead {
  const fail = (why: string): never => {
    throw new ChartferryError('RENDER_FAILED', `YAML parse error on ${source}: ${why}`)
  }
  const head = read(text, fail)
  if (head === null || head === undefined) return { kind: '', hook: undefined }
  if (!(head instanceof GoMap))
    return fail(unmarshalError(head, `value of type ${helm === 3 ? 'releaseutil' : 'util'}.SimpleHead`))
  const kind = textField(head, 'kind', 'SimpleHead.kind', fail)
  textField(head, 'apiVersion', 'SimpleHead.apiVersion', fail)
  const metadata = tableField(head, 'metadata', 'SimpleHead.metadata', metadataType, fail)
  if (metadata === undefined) return { kind, hook: undefined }
  textField(metadata, 'name', 'SimpleHead.metadata.name', fail)
  const annotations = tableField(metadata, 'annotations', 'SimpleHead.metadata.annotations', 'map[string]string', fail)
  if (annotations === undefined) return { kind, hook: undefined }
  for (const key of annotations.entries.keys()) textField(annotations, key, '.metadata.annotations', fail)
  const hook = annotations.entries.has('helm.sh/hook')
  return { kind, hook: hook ? textField(annotations, 'helm.sh/hook', '', fail) : undefined }
}

function read(text: string, fail: (why: string) => never): PlainValue {
  try {
    return plain(readYaml(text))
  } catch (error) {
    if (error instanceof GoError) return fail(error.message)
    throw error
  }
}

/** A scalar where Go wants a string; numbers and booleans become one, null nothing. */
function textField(table: GoMap, key: string, place: string, fail: (why: string) => never): string {
  const value = plain(table.entries.get(key))
  if (value === null || value === undefined) return ''
  if (typeof value === 'object') return fail(unmarshalError(value, `struct field ${place} of type string`))
  return typeof value === 'string' ? value : printScalar(value)
}

function tableField(
  table: GoMap,
  key: string,
  place: string,
  type: string,
  fail: (why: string) => never,
): GoMap | undefined {
  const value = plain(table.entries.get(key))
  if (value === null || value === undefined) return undefined
  return value instanceof GoMap ? value : fail(unmarshalError(value, `struct field ${place} of type ${type}`))
}

function unmarshalError(value: PlainValue, into: string): string {
  const found = value instanceof GoMap ? 'object' : typeof value === 'object' ? 'array' : jsonKind(value)
  return `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${found} into Go ${into}`
}

function jsonKind(value: PlainValue): string {
  return typeof value === 'boolean' ? 'bool' : typeof value
}
