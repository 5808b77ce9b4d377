// References whose parts are printed apart, and that an operator or a program joins: fields of a map, flags or
// variables of one stem.

import { bare, concat, slice } from '../../../helm/template/text.ts'
import { type GoList, GoMap, type Text, type Value } from '../../../helm/template/value.ts'
import { tryParseReference } from '../../../reference/reference.ts'
import { isText, textAt } from './traced-document.ts'

const ociScheme = 'oci://'

/**
 * The reference of a map: of `repository`, `image` and `version`, of `repository` and `tag`, or of the address of an
 * artifact with its tag in `ref`.
 */
export function joinedInMap(map: GoMap): Text | undefined {
  const artifact = artifactOf(map)
  if (artifact !== undefined) return artifact
  const [registry, repository] = [textAt(map, 'registry'), textAt(map, 'repository')]
  const [image, name] = [textAt(map, 'image'), textAt(map, 'name')]
  const version = textAt(map, 'tag') ?? textAt(map, 'version')
  const last = image ?? (registry === undefined || repository !== undefined ? undefined : name)
  // An image with a host of its own is a field, and complete.
  if (last !== undefined && tryParseReference(bare(last))?.host !== undefined) return undefined
  if ((repository ?? last) === undefined) return undefined
  return referenceOf([registry, repository, last], version)
}

function artifactOf(map: GoMap): Text | undefined {
  const [url, reference] = [textAt(map, 'url'), map.entries.get('ref')]
  if (url === undefined || !(reference instanceof GoMap) || !bare(url).startsWith(ociScheme)) return undefined
  return referenceOf([slice(url, ociScheme.length)], textAt(reference, 'digest') ?? textAt(reference, 'tag'))
}

function referenceOf(names: readonly (Text | undefined)[], version: Text | undefined): Text | undefined {
  const parts = names.filter((part) => part !== undefined && bare(part) !== '') as Text[]
  if (version === undefined || bare(version) === '' || parts.length === 0) return undefined
  const path = parts.flatMap((part, index) => (index === 0 ? [part] : ['/', part]))
  const reference = concat([...path, bare(version).startsWith('sha256:') ? '@' : ':', version])
  return tryParseReference(bare(reference)) === undefined ? undefined : reference
}

/** A flag or a variable, and where it stands in its list. */
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

const nameEnd = /[-_.]?(?:image[-_.]?)?(?:repository|repo|image|name)$/i

/** The references of `--x-repository=…` and `--x-tag=…`, or of variables named so. */
export function joinedInList({ items }: GoList): readonly JoinedItems[] {
  const settings = items.flatMap((item, index) => settingAt(items, item, index))
  if (settings.length < 2) return []
  return settings.flatMap(({ index, name, value }): readonly JoinedItems[] => {
    const end = nameEnd.exec(name)
    if (end === null || tryParseReference(bare(value))?.tag !== undefined) return []
    const stem = name.slice(0, end.index)
    const part = (ends: string): Text | undefined =>
      settings.find((other) => new RegExp(`^[-_.]?(?:image[-_.]?)?(?:${ends})$`, 'i').test(restOf(other.name, stem)))
        ?.value
    const reference = referenceOf([part('registry'), value], part('tag|version'))
    return reference === undefined ? [] : [{ reference, index }]
  })
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
