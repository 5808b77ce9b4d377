// Reads the configuration: file, then environment over it; every fault is found before any is told.
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { ChartferryError, defaultLimits, isChartferryError, messageOf, parseYaml } from '@chartferry/core'
import { defaultRepositories, type RepositoryConfig, type ServerConfig } from './config.ts'
import { lineOf } from './config-lines.ts'
import { type ConfigDocument, type ConfigIssue, checkConfig } from './config-schema.ts'
import { readAccess, readAuth, readRepositoryAccess } from './load-auth.ts'
import { readRepository } from './load-repository.ts'
import { type Reading, readingAt } from './reading.ts'

export interface LoadConfigOptions {
  /** Default: `CHARTFERRY_CONFIG`, then `chartferry-server.yaml` in the working folder where there is one. */
  readonly file?: string
  /** Default: the process's. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Settings over file and environment, by the names of the file. Default: none. */
  readonly overrides?: Readonly<Record<string, unknown>>
}

/** Which variable sets which setting. */
export const environmentNames: Readonly<Record<string, string>> = {
  CHARTFERRY_LISTEN: 'listen',
  CHARTFERRY_PUBLIC_URL: 'publicUrl',
  CHARTFERRY_DATA: 'data',
  CHARTFERRY_INDEX_FORMAT: 'indexFormat',
  CHARTFERRY_LOG_LEVEL: 'logLevel',
  CHARTFERRY_REDIS_URL: 'redisUrl',
  CHARTFERRY_FRESH_FOR: 'freshFor',
  CHARTFERRY_UPSTREAM_TIMEOUT: 'upstreamTimeout',
  CHARTFERRY_RETRY_AFTER: 'retryAfter',
  CHARTFERRY_FILL_TIMEOUT: 'fillTimeout',
  CHARTFERRY_PATIENCE: 'patience',
  CHARTFERRY_STOP_WITHIN: 'stopWithin',
  CHARTFERRY_INDEX_MEMORY: 'indexMemory',
  CHARTFERRY_ARCHIVE_MEMORY: 'archiveMemory',
  CHARTFERRY_ARCHIVE_SPACE: 'archiveSpace',
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
  const fromFile = readDocument(text, file)
  const fromEnvironment = Object.fromEntries(
    Object.entries(environmentNames).flatMap(([name, setting]) =>
      environment[name] ? [[setting, environment[name]]] : [],
    ),
  )
  const merged = { ...fromFile, ...fromEnvironment, ...overrides }
  const checked = checkConfig({ ...merged, repositories: merged.repositories ?? defaultRepositories })
  if (isIssues(checked)) throw invalid(checked.map((issue) => faultOf(issue, text, file, fromEnvironment)))
  const readingOf = (...path: readonly string[]): Reading =>
    readingAt(path, {
      folder: dirname(resolve(file)),
      environment,
      tell: (at, fault) => void faults.push(`${placeOf(text, file, at)}${at.join('.')}: ${fault}`),
    })
  const auth = await readAuth(checked.auth, readingOf('auth'))
  const access = readAccess(checked.access, auth, readingOf('access'))
  const repositories = new Map<string, RepositoryConfig>()
  for (const [name, repository] of Object.entries(checked.repositories ?? {})) {
    const reading = readingOf('repositories', name)
    const rules = readRepositoryAccess(repository.access, access, auth, reading.below('access'))
    repositories.set(name, await readRepository(repository, rules, checked, reading))
  }
  if (faults.length > 0) throw invalid(faults)
  return { ...configOf(checked, repositories), auth, access }
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

function isIssues(checked: ConfigDocument | readonly ConfigIssue[]): checked is readonly ConfigIssue[] {
  return Array.isArray(checked)
}

function faultOf(
  { path, what }: ConfigIssue,
  text: string,
  file: string,
  environment: Readonly<Record<string, unknown>>,
): string {
  const variable = Object.entries(environmentNames).find(
    ([, setting]) => setting === path[0] && setting in environment,
  )?.[0]
  return `${variable === undefined ? placeOf(text, file, path) : `${variable}: `}${path.join('.')}: ${what}`
}

function placeOf(text: string, file: string, path: readonly string[]): string {
  const line = lineOf(text, path)
  return line === undefined ? '' : `${file}:${line}: `
}

function configOf(
  document: ConfigDocument,
  repositories: ReadonlyMap<string, RepositoryConfig>,
): Omit<ServerConfig, 'auth' | 'access'> {
  const {
    listen,
    publicUrl,
    redisUrl,
    indexFormat,
    limits,
    freshFor: _,
    repositories: __,
    auth: ___,
    access: ____,
    ...same
  } = document
  const set = Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined))
  return {
    ...same,
    host: listen.host,
    port: listen.port,
    publicUrl: publicUrl?.replace(/\/+$/, ''),
    redisUrl,
    indexForm: indexFormat,
    limits: { ...defaultLimits, ...set },
    repositories,
  }
}
