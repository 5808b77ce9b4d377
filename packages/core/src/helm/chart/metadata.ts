// Chart.yaml: what a chart says of itself, read and judged as Helm's loader does (pkg/chart/metadata.go,
// dependency.go).
import { ChartferryError } from '../../errors.ts'
import { defaultLimits, type Limits } from '../../limits.ts'
import { parseVersion } from '../semver/version.ts'
import { parseYaml } from '../yaml/parse.ts'
import { type ChartDependency, readDependency } from './dependency.ts'
import { type Fields, fieldsOf, isMapping, sanitize, type YamlMapping } from './fields.ts'

/** A line of `maintainers`. Texts are empty where the line has none. */
export interface ChartMaintainer {
  readonly name: string
  readonly email: string
  readonly url: string
}

/**
 * What Helm has of a chart after loading it. Texts are empty, lists and maps too, where Chart.yaml says nothing. A
 * number where text is wanted is what Go prints for it: `version: 1.10` without quotes is the version `1.1` to `helm
 * package`, to index files and to templates, so it is here; the text as written stands in the file.
 */
export interface ChartMetadata {
  /** `v1` where Chart.yaml names none. */
  readonly apiVersion: string
  readonly name: string
  readonly version: string
  readonly appVersion: string
  /** `application`, `library` or empty, which means application. */
  readonly type: string
  readonly description: string
  readonly kubeVersion: string
  readonly home: string
  readonly icon: string
  readonly condition: string
  readonly tags: string
  readonly deprecated: boolean
  readonly sources: readonly string[]
  readonly keywords: readonly string[]
  readonly annotations: Readonly<Record<string, string>>
  readonly maintainers: readonly ChartMaintainer[]
  readonly dependencies: readonly ChartDependency[]
  /** Chart.yaml as parsed, numbers as numbers, with the keys of requirements.yaml over it. */
  readonly raw: YamlMapping
}

/** Options of `parseChartMetadata`. */
export interface ParseMetadataOptions {
  /** The text of requirements.yaml, which Helm reads over Chart.yaml whatever the apiVersion. Default: none. */
  readonly requirements?: string
  /** Default: `defaultLimits`. */
  readonly limits?: Limits
}

const chartTypes = ['', 'application', 'library']

function maintainerOf(fields: Fields): ChartMaintainer {
  return {
    name: sanitize(fields.text('name')),
    email: sanitize(fields.text('email')),
    url: sanitize(fields.text('url')),
  }
}

function checkName(name: string, where: string): void {
  if (name === '') throw new ChartferryError('CHART_INVALID', `${where}: the chart has no name`)
  // Helm on Linux lets a backslash pass; on Windows it leaves the folder.
  if (name === '.' || name === '..' || /[/\\]/.test(name)) {
    throw new ChartferryError('PATH_UNSAFE', `${where}: ${JSON.stringify(name)} cannot be the name of a chart`)
  }
}

function checkMetadata(metadata: ChartMetadata, where: string): void {
  const refuse = (why: string): ChartferryError => new ChartferryError('CHART_INVALID', `${where}: ${why}`)
  checkName(metadata.name, where)
  if (metadata.version === '') throw refuse('the chart has no version')
  if (parseVersion(metadata.version) === undefined)
    throw refuse(`version ${JSON.stringify(metadata.version)} is not semantic`)
  if (!chartTypes.includes(metadata.type)) throw refuse(`type ${JSON.stringify(metadata.type)} is unknown`)
  const names = new Set<string>()
  for (const { name, alias } of metadata.dependencies) {
    const key = alias || name
    if (names.has(key)) throw refuse(`two dependencies have the name or alias ${JSON.stringify(key)}`)
    names.add(key)
  }
}

function parseMapping(text: string, where: string, options: ParseMetadataOptions, asText: boolean): YamlMapping {
  const { limits = defaultLimits } = options
  const value = parseYaml(text, { where, limits, numbersAsText: asText }) ?? {}
  if (!isMapping(value)) throw new ChartferryError('CHART_INVALID', `${where}: not a mapping`)
  return value
}

/**
 * The metadata of a chart from the text of its Chart.yaml. Throws CHART_INVALID for what Helm's loader refuses (not a
 * mapping, a field of a wrong type, no name or version, a version that is not semantic, an unknown type, two
 * dependencies of one name), PATH_UNSAFE for a name that is a path, and as `parseYaml` does.
 */
export function parseChartMetadata(text: string, where: string, options: ParseMetadataOptions = {}): ChartMetadata {
  const read = (asText: boolean): YamlMapping => ({
    ...parseMapping(text, where, options, asText),
    ...(options.requirements === undefined
      ? {}
      : parseMapping(options.requirements, `${where} with requirements.yaml`, options, asText)),
  })
  const fields = fieldsOf(read(true), where)
  const metadata: ChartMetadata = {
    apiVersion: fields.text('apiVersion') || 'v1',
    name: sanitize(fields.text('name')),
    version: fields.text('version'),
    appVersion: sanitize(fields.text('appVersion')),
    type: fields.text('type'),
    description: sanitize(fields.text('description')),
    kubeVersion: sanitize(fields.text('kubeVersion')),
    home: sanitize(fields.text('home')),
    icon: sanitize(fields.text('icon')),
    condition: sanitize(fields.text('condition')),
    tags: sanitize(fields.text('tags')),
    deprecated: fields.flag('deprecated'),
    sources: fields.texts('sources').map(sanitize),
    keywords: fields.texts('keywords').map(sanitize),
    annotations: fields.textMap('annotations'),
    maintainers: fields.mappings('maintainers').map(maintainerOf),
    dependencies: fields.mappings('dependencies').map(readDependency),
    raw: read(false),
  }
  checkMetadata(metadata, where)
  return metadata
}
