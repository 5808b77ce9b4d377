// What `helm lint` says of Chart.yaml and of the dependencies (its pkg/lint/rules).
import type { Chart } from '../../chart/chart.ts'
import { satisfies } from '../../semver/constraint.ts'
import { typeName } from '../../template/kind.ts'
import { GoList, GoMap, plain, type Value } from '../../template/value.ts'
import { readYaml } from '../../yaml/go/read.ts'
import { fileText } from './loaded-chart.ts'

/** A rule broken; only errors make a chart fail. */
export interface LintFinding {
  readonly severity: 'ERROR' | 'WARNING'
  readonly place: string
  readonly message: string
}

/** Errors of Chart.yaml. */
export function* lintChartFile({ metadata, files }: Chart): Generator<LintFinding> {
  const error = (message: string): LintFinding => ({ severity: 'ERROR', place: 'Chart.yaml', message })
  const { apiVersion, version } = metadata
  // The file alone: what requirements.yaml adds does not count here.
  const written = plain(readYaml(fileText(files.get('Chart.yaml') ?? new Uint8Array())))
  const fields = written instanceof GoMap ? written.entries : new Map<string, Value>()
  if (!fields.has('apiVersion')) yield error('apiVersion is required. The value must be either "v1" or "v2"')
  else if (apiVersion !== 'v1' && apiVersion !== 'v2') {
    yield error(`apiVersion '${apiVersion}' is not valid. The value must be either "v1" or "v2"`)
  }
  for (const key of ['version', 'appVersion']) {
    const found = fields.has(key) ? typeName(fields.get(key)) : 'string'
    if (found !== 'string') yield error(`${key} should be of type string but it's of type ${found}`)
  }
  if (!satisfies('>0.0.0-0', version)) yield error(`version ${version} is less than or equal to 0.0.0-0`)
  const maintainer = maintainerFault(metadata.maintainers)
  if (maintainer !== undefined) yield error(maintainer)
  const source = metadata.sources.find((url) => !isRequestUrl(url))
  if (source !== undefined) yield error(`invalid source URL '${source}'`)
  if (metadata.icon !== '' && !isRequestUrl(metadata.icon)) yield error(`invalid icon URL '${metadata.icon}'`)
  if (apiVersion === 'v2') return
  const only = `apiVersion '${apiVersion}'`
  if (metadata.type !== '') yield error(`chart type is not valid in ${only}. It is valid in apiVersion 'v2'`)
  const dependencies = plain(fields.get('dependencies'))
  if (dependencies instanceof GoList && dependencies.items.length > 0) {
    yield error(`dependencies are not valid in the Chart file with ${only}. They are valid in apiVersion 'v2'`)
  }
}

/** Subcharts that no dependency names, and dependencies without a subchart. */
export function* lintDependencies({ metadata, subcharts }: Chart): Generator<LintFinding> {
  const asked = new Set(metadata.dependencies.map(({ name }) => name))
  const present = new Set(subcharts.map((subchart) => subchart.metadata.name))
  const unasked = [...present].filter((name) => !asked.has(name))
  const absent = [...asked].filter((name) => !present.has(name))
  if (unasked.length > 0) {
    yield {
      severity: 'ERROR',
      place: '',
      message: `chart metadata is missing these dependencies: ${unasked.join(',')}`,
    }
  }
  if (absent.length > 0) {
    const message = `chart directory is missing these dependencies: ${absent.join(',')}`
    yield { severity: 'WARNING', place: '', message }
  }
}

function maintainerFault(maintainers: Chart['metadata']['maintainers']): string | undefined {
  for (const { name, email, url } of maintainers) {
    if (name === '') return 'each maintainer requires a name'
    if (email !== '' && !/^[^\s@<>()]+@[^\s@<>()]+\.[^\s@<>().]+$/.test(email)) {
      return `invalid email '${email}' for maintainer '${name}'`
    }
    if (url !== '' && !isWebUrl(url)) return `invalid url '${url}' for maintainer '${name}'`
  }
  return undefined
}

/** Go's IsRequestURL: an absolute URL of any scheme. */
function isRequestUrl(text: string): boolean {
  return /^[a-z][a-z\d+.-]*:/i.test(text) && URL.canParse(text)
}

/** Go's IsURL: a host with or without a scheme. */
function isWebUrl(text: string): boolean {
  return /^(?:(?:https?|ftp|wss?):\/\/)?[^\s/$.?#][^\s]*\.[^\s]+$/i.test(text) || /^https?:\/\/localhost/.test(text)
}
