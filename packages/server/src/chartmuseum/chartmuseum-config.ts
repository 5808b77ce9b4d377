// ChartMuseum's settings as the server uses them, every default filled in.
import { ChartferryError, defaultLimits, type Limits } from '@chartferry/core'
import { flags } from './flags.ts'
import { parseFlag, parseGoDuration, type Settings } from './read-settings.ts'

/** Where the charts are. */
export type ChartMuseumStorage =
  | { readonly kind: 'local'; readonly folder: string }
  | {
      readonly kind: 'amazon'
      readonly bucket: string
      /** Without slashes at its ends. */
      readonly prefix: string
      readonly region: string | undefined
      readonly endpoint: string | undefined
      readonly pathStyle: boolean
      readonly encryption: string | undefined
    }

export type ChartMuseumAuth =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | {
      readonly kind: 'bearer'
      readonly realm: string
      readonly service: string
      /** A PEM file. */
      readonly certificate: string
      /** JMESPath; undefined: ChartMuseum's own. */
      readonly searchPath: string | undefined
    }

export interface ChartMuseumConfig {
  readonly host: string
  readonly port: number
  readonly storage: ChartMuseumStorage
  /** Undefined: any repository path. */
  readonly depth: number | undefined
  /** Empty, or with a slash before it and none behind. */
  readonly contextPath: string
  readonly chartUrl: string | undefined
  readonly api: boolean
  readonly delete: boolean
  readonly allowOverwrite: boolean
  readonly allowForce: boolean
  readonly jsonIndex: boolean
  readonly metrics: boolean
  readonly auth: ChartMuseumAuth | undefined
  readonly anonymousGet: boolean
  readonly corsOrigin: string | undefined
  readonly chartFields: readonly string[]
  readonly provenanceFields: readonly string[]
  readonly mostFiles: number | undefined
  readonly versionsPerChart: number | undefined
  readonly uploadBytes: number
  /** By repository. */
  readonly artifactHubIds: ReadonlyMap<string, string>
  readonly webTemplates: string | undefined
  /** Milliseconds. */
  readonly readTimeout: number
  readonly writeTimeout: number
  readonly lookEvery: number
  readonly useStatefiles: boolean
  readonly tls: { readonly cert: string; readonly key: string; readonly ca: string | undefined } | undefined
  readonly debug: boolean
  readonly logHealth: boolean
  /** Prints the index instead of serving. */
  readonly printIndex: boolean
  /** The chart repository from which charts come that are not here; undefined: none. */
  readonly upstream: string | undefined
  readonly limits: Limits
}

/** Throws CONFIG_INVALID with everything that does not go together. */
export function chartmuseumConfig(settings: Settings): ChartMuseumConfig {
  const faults: string[] = []
  const text = (name: string): string =>
    settings.get(name) ?? String(flags.find((flag) => flag.name === name)?.fallback)
  const optional = (name: string): string | undefined => text(name) || undefined
  const flag = (name: string): boolean => parseFlag(text(name)) === true
  const count = (name: string): number => Number(text(name))
  const most = (name: string): number | undefined => (count(name) === 0 ? undefined : count(name))
  const need = (name: string, why: string): string => {
    if (text(name) === '') faults.push(`--${name} is missing: ${why}`)
    return text(name)
  }

  function storage(): ChartMuseumStorage {
    const kind = text('storage')
    if (kind === 'amazon') {
      return {
        kind,
        bucket: need('storage-amazon-bucket', '--storage=amazon needs it'),
        prefix: text('storage-amazon-prefix').replace(/^\/+|\/+$/g, ''),
        region: optional('storage-amazon-region'),
        endpoint: optional('storage-amazon-endpoint'),
        pathStyle: flag('storage-amazon-force-path-style'),
        encryption: optional('storage-amazon-sse'),
      }
    }
    if (kind !== 'local') faults.push(`--storage: ${JSON.stringify(kind)} is not supported; give local or amazon`)
    return { kind: 'local', folder: kind === 'local' ? need('storage-local-rootdir', '--storage=local needs it') : '' }
  }

  function auth(): ChartMuseumAuth | undefined {
    if (flag('bearer-auth')) {
      return {
        kind: 'bearer',
        realm: text('auth-realm'),
        service: text('auth-service'),
        certificate: need('auth-cert-path', '--bearer-auth needs it'),
        searchPath: optional('auth-actions-search-path'),
      }
    }
    const [username, password] = [text('basic-auth-user'), text('basic-auth-pass')]
    if (username !== '' && password !== '') return { kind: 'basic', username, password }
    // ChartMuseum would serve without a password here.
    if (username !== '' || password !== '') faults.push('--basic-auth-user and --basic-auth-pass belong together')
    return undefined
  }

  function tls(): ChartMuseumConfig['tls'] {
    const [cert, key] = [text('tls-cert'), text('tls-key')]
    if (cert !== '' && key !== '') return { cert, key, ca: optional('tls-ca-cert') }
    if (cert !== '' || key !== '') faults.push('--tls-cert and --tls-key belong together')
    return undefined
  }

  const port = count('port')
  if (port > 65_535) faults.push('--port: must be below 65536')
  const isProxy = flag('proxy-cache')
  const depth = flag('depth-dynamic') ? undefined : count('depth')
  const upstream = isProxy ? need('proxy-url', '--proxy-cache needs it') : undefined
  if (isProxy && depth !== 0) faults.push('--proxy-cache: works with --depth=0 alone')
  const contextPath = text('context-path')
    .replace(/\/+$/, '')
    .replace(/^(?=[^/])/, '/')
  const uploadBytes = count('max-upload-size')
  const config: ChartMuseumConfig = {
    host: text('listen-host'),
    port,
    storage: storage(),
    depth,
    contextPath,
    chartUrl: optional('chart-url')?.replace(/\/+$/, ''),
    api: !flag('disable-api'),
    delete: !flag('disable-delete'),
    allowOverwrite: flag('allow-overwrite'),
    allowForce: !flag('disable-force-overwrite'),
    jsonIndex: flag('json-index'),
    metrics: flag('enable-metrics'),
    auth: auth(),
    anonymousGet: flag('auth-anonymous-get'),
    corsOrigin: optional('cors-alloworigin'),
    chartFields: ['chart', text('chart-post-form-field-name')],
    provenanceFields: ['prov', text('prov-post-form-field-name')],
    mostFiles: most('max-storage-objects'),
    versionsPerChart: most('per-chart-limit'),
    uploadBytes,
    artifactHubIds: pairs(text('artifact-hub-repo-id')),
    webTemplates: optional('web-template-path'),
    readTimeout: 1000 * count('read-timeout'),
    writeTimeout: 1000 * count('write-timeout'),
    lookEvery: flag('always-regenerate-chart-index') ? 0 : (parseGoDuration(text('cache-interval')) ?? 0),
    useStatefiles: !flag('disable-statefiles'),
    tls: tls(),
    debug: flag('debug'),
    logHealth: flag('log-health'),
    printIndex: flag('gen-index'),
    upstream,
    limits: { ...defaultLimits, archiveBytes: uploadBytes, provenanceBytes: uploadBytes },
  }
  if (faults.length > 0) throw new ChartferryError('CONFIG_INVALID', faults.join('\n'), { details: { faults } })
  return config
}

function pairs(text: string): ReadonlyMap<string, string> {
  const parts = text.split(',').filter((part) => part !== '')
  return new Map(
    parts.map((part) => {
      const at = part.indexOf('=')
      return at < 0 ? (['', part] as const) : ([part.slice(0, at), part.slice(at + 1)] as const)
    }),
  )
}
