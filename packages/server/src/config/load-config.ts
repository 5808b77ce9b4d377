// Reads the configuration: file, then environment over it; every fault is found before any is told.
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { ChartferryError, defaultLimits, isChartferryError } from '@chartferry/core'
import { parseYaml } from '@chartferry/core/helm'
import { messageOf } from '@chartferry/core/internal'
import { defaultRepositories, type RepositoryConfig, type ServerConfig } from './config.ts'
import { lineOf } from './config-lines.ts'
import { type ConfigIssue, checkConfig } from './config-schema.ts'
import { variableFor, withEnvironment } from './environment.ts'
import { fillRules, readAccess, readAuth, readRepositoryAccess } from './load-auth.ts'
import { readImages } from './load-images.ts'
import { readRedisUrl, readTls, readWebhooks } from './load-network.ts'
import { readRegistries } from './load-registries.ts'
import { readRepository } from './load-repository.ts'
import { type Reading, readingAt } from './reading.ts'
import { isIssues, withoutFaults } from './without-faults.ts'

export interface LoadConfigOptions {
  /** Default: `CHARTFERRY_CONFIG`, then `chartferry-server.yaml` in the working folder where there is one. */
  readonly file?: string
  /** Default: the process's. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Settings over file and environment, by the names of the file. Default: none. */
  readonly overrides?: Readonly<Record<string, unknown>>
}

const defaultFile = 'chartferry-server.yaml'

/** Throws CONFIG_INVALID with all faults in its message and in `details.faults`. */
export async function loadConfig(options: LoadConfigOptions = {}): Promise<ServerConfig> {
  const { environment = process.env, overrides = {} } = options
  const named = options.file ?? environment.CHARTFERRY_CONFIG
  const file = named ?? defaultFile
  const text = await readFile(file, 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    if (named === undefined && thrown.code === 'ENOENT') return undefined
    throw new ChartferryError('CONFIG_INVALID', `${file}: ${messageOf(thrown)}`, { cause: thrown })
  })
  return parseConfig(text ?? '', { file, environment, overrides })
}

/**
 * Takes the text of a configuration file. Files that it names are read, seen from its folder. Throws CONFIG_INVALID.
 */
export async function parseConfig(
  text: string,
  { file, environment, overrides }: Required<LoadConfigOptions>,
): Promise<ServerConfig> {
  const faults: string[] = []
  const files = text === '' ? [] : [resolve(file)]
  const merged = {
    ...withEnvironment(readDocument(text, file), environment, (fault) => void faults.push(fault)),
    ...overrides,
  }
  const document = { ...merged, repositories: merged.repositories ?? defaultRepositories }
  const found = checkConfig(document)
  if (isIssues(found)) faults.push(...found.map((issue) => faultOf(issue, text, file, environment)))
  const checked = isIssues(found) ? withoutFaults(document, found) : found
  if (checked === undefined) throw invalid(faults)
  const readingOf = (...path: readonly string[]): Reading =>
    readingAt(path, {
      folder: dirname(resolve(file)),
      environment,
      tell: (at, fault) =>
        void faults.push(`${placeOf(text, file, at)}${at.length > 0 ? `${at.join('.')}: ` : ''}${fault}`),
      onFile: (path) => void files.push(path),
    })
  const auth = await readAuth(checked.auth, readingOf('auth'))
  const access = readAccess(
    checked.access,
    auth,
    { hasAdminListener: checked.adminListen !== undefined },
    readingOf('access'),
  )
  if (checked.s3 !== undefined && checked.gcs !== undefined)
    readingOf('gcs').tell('everything is in the bucket of `s3` already; name one of them')
  const tls = await readTls(checked.tls, readingOf('tls'))
  const names = new Set(Object.keys(checked.repositories ?? {}))
  const webhooks = await readWebhooks(checked.webhooks, names, readingOf('webhooks'))
  const redisUrl = await readRedisUrl(checked, readingOf())
  const repositories = new Map<string, RepositoryConfig>()
  for (const [name, repository] of Object.entries(checked.repositories ?? {})) {
    const reading = readingOf('repositories', name)
    // What is relocated is for those who may have the original, unless it says otherwise itself.
    const original = repository.kind === 'relocated' ? checked.repositories?.[repository.of]?.access : undefined
    const rules = readRepositoryAccess(repository.access, fillRules(original, access), auth, reading.below('access'))
    repositories.set(name, await readRepository(name, repository, rules, checked, reading))
  }
  const isDefault = merged.repositories === undefined
  const images = await readImages(checked, { access, auth, repositories: names, isDefault }, readingOf('images'))
  const registries = await readRegistries(checked, readingOf())
  if (faults.length > 0) throw invalid(faults)
  const { listen, publicUrl, indexFormat, limits, cors, redisUrlFile: _, freshFor: __, ...same } = checked
  const set = Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined))
  return {
    ...same,
    ...listen,
    publicUrl: publicUrl?.replace(/\/+$/, ''),
    redisUrl,
    indexForm: indexFormat,
    limits: { ...defaultLimits, ...set },
    origins: cors?.origins ?? [],
    tls,
    webhooks,
    auth,
    access,
    images,
    registries,
    repositories,
    files,
  }
}

function invalid(faults: readonly string[]): ChartferryError {
  return new ChartferryError('CONFIG_INVALID', faults.join('\n'), { details: { faults } })
}

function readDocument(text: string, file: string): Record<string, unknown> {
  if (text.trim() === '') return {}
  try {
    const document = parseYaml(text, { where: file }) ?? {}
    if (typeof document === 'object' && !Array.isArray(document)) return document as Record<string, unknown>
  } catch (thrown) {
    throw isChartferryError(thrown) ? invalid([thrown.message]) : thrown
  }
  throw invalid([`${file}: must be a mapping`])
}

function faultOf(
  { path, what }: ConfigIssue,
  text: string,
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const variable = variableFor(path, environment)
  return `${variable === undefined ? placeOf(text, file, path) : `${variable}: `}${path.join('.')}: ${what}`
}

function placeOf(text: string, file: string, path: readonly string[]): string {
  const line = lineOf(text, path)
  return line === undefined ? '' : `${file}:${line}: `
}
