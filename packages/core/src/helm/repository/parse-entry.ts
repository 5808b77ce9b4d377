// One entry of an index file: kept when Helm would keep it, otherwise the reason why not.
import { parseIndexDigest } from '../../digest.ts'
import { parseVersion } from '../semver/version.ts'
import { FieldFault, readEntryFields } from './entry-fields.ts'
import type { ChartVersion } from './index-file.ts'
import { type CopyBudget, emptyMap, isMap, type PlainMap } from './plain-value.ts'

/**
 * Takes one item of a chart's list. Gives the chart version, or the reason to skip it: what Helm's `Metadata.Validate`
 * refuses, fields of a wrong type (for which Helm refuses the whole file), and names that are dangerous as a path.
 * Throws YAML_TOO_COMPLEX.
 */
export function parseEntry(entry: unknown, budget: CopyBudget): ChartVersion | string {
  if (entry === null || entry === undefined) return 'the entry is empty'
  if (!isMap(entry)) return 'the entry is not a mapping'
  let fields: PlainMap
  try {
    fields = readEntryFields(entry, budget)
  } catch (thrown) {
    if (thrown instanceof FieldFault) return thrown.reason
    throw thrown
  }
  fields.apiVersion ||= 'v1'
  const { name = '', version = '', type = '' } = fields as Record<string, string | undefined>
  const fault = nameFault(name) ?? versionFault(version) ?? typeFault(type) ?? membersFault(entry, fields)
  if (fault !== undefined) return fault
  const {
    urls = [],
    digest: written,
    created,
    ...rest
  } = fields as PlainMap & {
    readonly urls?: readonly string[]
    readonly digest?: string
    readonly created?: string
  }
  const digest = parseIndexDigest(written ?? '')
  return {
    name,
    version,
    urls,
    ...(digest === undefined ? {} : { digest }),
    ...(created === undefined ? {} : { created }),
    fields: Object.assign(emptyMap(), rest),
  }
}

/**
 * Why a text cannot name a chart; undefined when it can. Names become paths, so those that leave their folder are
 * refused.
 */
export function nameFault(name: string): string | undefined {
  if (name === '') return 'the name is missing'
  if (name.startsWith('.') || /[/\\]/.test(name)) return `the name "${name}" is not allowed`
  if (/\p{Cc}/u.test(name)) return 'the name has control characters'
  return name.length > 250 ? 'the name is longer than 250 characters' : undefined
}

function versionFault(version: string): string | undefined {
  if (version === '') return 'the version is missing'
  return parseVersion(version) === undefined ? `the version "${version}" is not a semantic version` : undefined
}

function typeFault(type: string): string | undefined {
  return ['', 'application', 'library'].includes(type)
    ? undefined
    : `the type "${type}" is neither application nor library`
}

/** Null members and bad aliases, as Helm's `Maintainer.Validate` and `Dependency.Validate` have them. */
function membersFault(entry: Readonly<Record<string, unknown>>, fields: PlainMap): string | undefined {
  for (const list of ['maintainers', 'dependencies']) {
    const members = entry[list]
    if (Array.isArray(members) && members.some((member) => member === null)) return `${list} has an empty item`
  }
  const dependencies = (fields.dependencies as { readonly name?: string; readonly alias?: string }[] | undefined) ?? []
  const bad = dependencies.find(({ alias }) => alias !== undefined && alias !== '' && !/^[a-zA-Z0-9_-]+$/.test(alias))
  return bad === undefined ? undefined : `the dependency "${bad.name ?? ''}" has an alias that is not allowed`
}
