// References whose parts are printed apart, and that an operator or a program joins: fields of a map, flags or
// variables of one stem.

import { bare, concat, slice } from '../../../helm/template/text.ts'
import { type GoList, GoMap, type Text, type Value } from '../../../helm/template/value.ts'
import { tryParseReference } from '../../../reference/reference.ts'
import { lookAlike } from './look-alikes.ts'
import { saysImage, saysRegistry } from './setting-names.ts'
import { isText, textAt } from './traced-document.ts'

const ociScheme = 'oci://'

/**
 * The references of a map: of `repository`, `image` and `version`, of `repository` and `tag`, of the address of an
 * artifact with its tag in `ref`; and of keys of one stem. `key` is what the map is called. In data, which may speak of
 * anything, a `name` is one of an image only where the map is called so.
 */
export function joinedInMap(map: GoMap, key: string, isData: boolean): readonly Text[] {
  const whole = artifactOf(map) ?? partsOf(map, key, isData)
  if (whole !== undefined) return [whole]
  const settings = [...map.entries].flatMap(([name, value], index): readonly Setting[] =>
    isText(value) ? [{ index, name, value }] : [],
  )
  return joinSettings(settings).map(({ reference }) => reference)
}

function partsOf(map: GoMap, key: string, isData: boolean): Text | undefined {
  const ofCharts = /chart|helm/i.test(key) || [...map.entries.keys()].some((name) => /^(?:chart|helm)/i.test(name))
  if (ofCharts) return undefined
  const [registry, repository] = [textAt(map, 'registry'), textAt(map, 'repository')]
  const [image, name] = [textAt(map, 'image'), textAt(map, 'name')]
  const version = textAt(map, 'digest') ?? textAt(map, 'tag') ?? textAt(map, 'version')
  const isNamed = saysImage(key) || (!isData && registry !== undefined)
  const last = image ?? (repository === undefined && isNamed ? name : undefined)
  if (last !== undefined && isComplete(last)) return undefined
  const hosted = last !== undefined && tryParseReference(bare(last))?.host !== undefined
  if ((repository ?? last) === undefined) return undefined
  return referenceOf(hosted ? [last] : [registry, repository, last], version)
}

/** Whether a name has its tag or digest already. */
function isComplete(name: Text): boolean {
  const { tag, digest } = tryParseReference(bare(name)) ?? {}
  return tag !== undefined || digest !== undefined
}

function artifactOf(map: GoMap): Text | undefined {
  const [url, reference] = [textAt(map, 'url'), map.entries.get('ref')]
  if (url === undefined || !(reference instanceof GoMap) || !bare(url).startsWith(ociScheme)) return undefined
  return referenceOf([slice(url, ociScheme.length)], textAt(reference, 'digest') ?? textAt(reference, 'tag'))
}

function referenceOf(names: readonly (Text | undefined)[], version: Text | undefined): Text | undefined {
  const parts = names.filter((part) => part !== undefined && bare(part) !== '') as Text[]
  const end = version === undefined || bare(version) === '' ? undefined : version
  // A name alone says nothing that its own field does not say.
  if (parts.length === 0 || (end === undefined && parts.length < 2)) return undefined
  const path = parts.flatMap((part, index): readonly Text[] => (index === 0 ? [withoutSlash(part)] : ['/', part]))
  const reference = end === undefined ? concat(path) : concat([...path, bare(end).includes(':') ? '@' : ':', end])
  const parsed = tryParseReference(bare(reference))
  if (parsed === undefined || lookAlike(parsed, '') !== undefined) return undefined
  return end === undefined && parsed.host === undefined ? undefined : reference
}

const withoutSlash = (part: Text): Text => (bare(part).endsWith('/') ? slice(part, 0, bare(part).length - 1) : part)

/** A flag, a variable or a key, and where it stands in its list. */
interface Setting {
  readonly index: number
  readonly name: string
  readonly value: Text
}

/** A reference that several items of a list make; `index` is that of the item with its name. */
export interface JoinedItems {
  readonly reference: Text
  readonly index: number
}

/** `X_IMAGE`, `x-image-name`, `--x-repository`, `xImageRepo`; a name alone can be one of anything. */
const imageEnd = /[-_.]?(?:image[-_.]?(?:repository|repo|name)?|repository|repo)$/i
const registryEnds = 'registry|image[-_.]?registry|repo[-_.]?url|registry[-_.]?url|repo'
const versionEnds = 'tag|version|image[-_.]?(?:tag|version|digest)|digest'

/** The references of `--x-repository=…` and `--x-tag=…`, or of variables named so. */
export function joinedInList({ items }: GoList): readonly JoinedItems[] {
  return joinSettings(items.flatMap((item, index) => settingAt(items, item, index)))
}

function joinSettings(settings: readonly Setting[]): readonly JoinedItems[] {
  if (settings.length < 2) return []
  return settings.flatMap(({ index, name, value }): readonly JoinedItems[] => {
    const end = imageEnd.exec(name)
    if (end === null || end.index === 0 || isComplete(value) || bare(value).includes('://')) return []
    const stem = name.slice(0, end.index)
    const part = (ends: string): Text | undefined =>
      settings.find(
        (other) =>
          other.index !== index &&
          new RegExp(`^[-_.]?(?:${ends})$`, 'i').test(restOf(other.name, stem)) &&
          bare(other.value) !== '',
      )?.value
    const hosted = tryParseReference(bare(value))?.host !== undefined
    const reference = referenceOf(hosted ? [value] : [part(registryEnds), value], part(versionEnds))
    return reference === undefined ? [] : [{ reference, index }]
  })
}

/**
 * The one registry that a custom resource names for the bare names in it, which its operator puts together with them
 * (`dockerRegistryPrefix`, `imageRegistry`); undefined where it names none, or several. `settings` are all its texts,
 * each with its key.
 */
export function registryOfResource(settings: Iterable<readonly [key: string, text: Text]>): Text | undefined {
  const found = new Map<string, Text>()
  for (const [key, text] of settings) if (saysRegistry(key) && isRegistry(bare(text))) found.set(bare(text), text)
  return found.size === 1 ? [...found.values()][0] : undefined
}

function isRegistry(text: string): boolean {
  const parsed = tryParseReference(`${text}/x`)
  return parsed?.host !== undefined && parsed.tag === undefined && tryParseReference(text)?.tag === undefined
}

/** A name behind its registry; undefined where it has a registry of its own. */
export function behindRegistry(registry: Text, name: Text): Text | undefined {
  const isBare = tryParseReference(bare(name))?.host === undefined
  return isBare ? referenceOf([registry, name], undefined) : undefined
}

const restOf = (name: string, stem: string): string => (name.startsWith(stem) ? name.slice(stem.length) : '')

function settingAt(items: readonly Value[], item: Value, index: number): readonly Setting[] {
  if (item instanceof GoMap) {
    const [name, value] = [textAt(item, 'name'), textAt(item, 'value')]
    return name === undefined || value === undefined ? [] : [{ index, name: bare(name), value }]
  }
  if (!isText(item) || !bare(item).startsWith('-')) return []
  const equals = bare(item).indexOf('=')
  if (equals > 0) return [{ index, name: bare(item).slice(0, equals), value: slice(item, equals + 1) }]
  const next = items[index + 1]
  return next === undefined || !isText(next) || bare(next).startsWith('-')
    ? []
    : [{ index: index + 1, name: bare(item), value: next }]
}
