// The form of the configuration file. Each fault it finds has a path, so that all of them can be shown at once.

import { isChartferryError, type Limits } from '@chartferry/core'
import { parseVersionRange } from '@chartferry/core/helm'
import * as v from 'valibot'
import {
  type AccessDocument,
  type AuthDocument,
  accessSchema,
  authSchema,
  repositoryAccessSchema,
} from './access-schema.ts'
import { type ClientDocument, clientSettings } from './client-schema.ts'
import type { FilterConfig, LogLevel, PushLimits, RetentionConfig, S3Config } from './config.ts'
import { type ImagesDocument, imagesSchema, type PushedImagesDocument, pushedImages } from './images-schema.ts'
import {
  type CorsDocument,
  corsSchema,
  type NetworkRange,
  type RateLimitDocument,
  rateLimitSchema,
  type TlsDocument,
  tlsSchema,
  trustedProxiesSchema,
  type WebhookDocument,
  webhooksSchema,
} from './network-schema.ts'
import {
  type Address,
  count,
  duration,
  flag,
  httpUrl,
  listenAddress,
  share,
  size,
  text,
  upstreamUrl,
} from './scalars.ts'

const span = v.pipe(duration, v.minValue(1, 'must be longer'))

const keep = v.pipe(
  v.strictObject({ newest: v.optional(count), newerThan: v.optional(span), pulledWithin: v.optional(span) }),
  v.check((given) => Object.keys(given).length > 0, 'must say what is kept: newest, newerThan or pulledWithin'),
)

const hosted = v.strictObject({
  kind: v.literal('hosted'),
  access: v.optional(repositoryAccessSchema),
  keep: v.optional(keep),
  overwrite: v.optional(v.picklist(['never', 'force', 'always'], 'must be never, force or always'), 'never'),
  versionsPerChart: v.optional(count),
  mostFiles: v.optional(count),
  space: v.optional(size),
  ...pushedImages,
})

const filter = v.strictObject({
  allow: v.optional(v.array(text)),
  deny: v.optional(v.array(text)),
  versions: v.optional(v.pipe(text, v.check(isRange, 'must be a version range, such as >=1.2.0 <3'))),
  newest: v.optional(count),
  prereleases: v.optional(flag, true),
  deprecated: v.optional(flag, true),
  minAge: v.optional(duration, '0s'),
  signedBy: v.optional(text),
  gate: v.optional(text),
  gateTimeout: v.optional(duration, '5m'),
})

const group = v.strictObject({
  kind: v.literal('group'),
  members: v.pipe(v.array(text, 'must be a list of repositories'), v.minLength(1, 'must have a member')),
  reserved: v.optional(v.record(text, v.array(text)), {}),
  passNamesOn: v.optional(flag, false),
  access: v.optional(repositoryAccessSchema),
})

const proxied = v.strictObject({
  kind: v.optional(v.literal('proxy')),
  url: upstreamUrl,
  charts: v.optional(v.pipe(v.array(text), v.minLength(1, 'must name a chart'))),
  freshFor: v.optional(duration),
  indexLoss: v.optional(share, '50%'),
  retain: v.optional(flag, false),
  whenChanged: v.optional(v.picklist(['accept', 'refuse'], 'must be accept or refuse'), 'accept'),
  ...clientSettings,
  filter: v.optional(filter),
  access: v.optional(repositoryAccessSchema),
})

/** Names that routes need for themselves. */
const reserved = [
  'admin',
  'api',
  'healthz',
  'readyz',
  'health',
  'info',
  'metrics',
  'static',
  'v2',
  'index.yaml',
  'index.json',
  'charts',
]

const repositoryName = v.pipe(
  v.string(),
  v.regex(
    /^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/,
    'a repository name has small letters, digits, dots and dashes, at most 63',
  ),
  v.check((name) => !reserved.includes(name), 'this name is needed for a route'),
)

const limits = v.strictObject({
  archiveBytes: v.optional(size),
  unpackedBytes: v.optional(size),
  fileBytes: v.optional(size),
  indexBytes: v.optional(size),
  indexVersions: v.optional(count),
  provenanceBytes: v.optional(size),
})

const s3 = v.strictObject({
  bucket: text,
  prefix: v.optional(v.pipe(text, v.regex(/^[^/].*[^/]$|^[^/]$/, 'must neither begin nor end with a slash'))),
  region: v.optional(text),
  endpoint: v.optional(httpUrl),
  pathStyle: v.optional(flag),
  encryption: v.optional(v.picklist(['AES256', 'aws:kms'], 'must be AES256 or aws:kms')),
  pollEvery: v.optional(duration, '1s'),
})

/** The whole file. */
export const configSchema: v.GenericSchema<unknown, ConfigDocument> = v.strictObject({
  listen: v.optional(listenAddress, '127.0.0.1:8080'),
  adminListen: v.optional(listenAddress),
  tls: v.optional(tlsSchema),
  trustedProxies: v.optional(trustedProxiesSchema, []),
  cors: v.optional(corsSchema),
  rateLimit: v.optional(rateLimitSchema),
  publicUrl: v.optional(httpUrl),
  data: v.optional(text, '.chartferry'),
  s3: v.optional(s3),
  indexFormat: v.optional(v.picklist(['json', 'yaml'], 'must be json or yaml'), 'json'),
  logLevel: v.optional(
    v.picklist(['silent', 'error', 'warn', 'info', 'debug'], 'must be silent, error, warn, info or debug'),
    'info',
  ),
  redisUrl: v.optional(
    v.pipe(v.string('must be text'), v.regex(/^rediss?:\/\//, 'must begin with redis:// or rediss://')),
  ),
  redisUrlFile: v.optional(text),
  freshFor: v.optional(duration, '5m'),
  upstreamTimeout: v.optional(duration, '30s'),
  fillTimeout: v.optional(v.pipe(duration, v.minValue(1, 'must be longer')), '10m'),
  upstreamConnections: v.optional(count, 16),
  retryAfter: v.optional(duration, '30s'),
  patience: v.optional(duration, '5s'),
  requestTimeout: v.optional(v.pipe(duration, v.minValue(1, 'must be longer')), '5m'),
  drainFor: v.optional(duration, '0s'),
  stopWithin: v.optional(duration, '10s'),
  indexMemory: v.optional(size, '64MiB'),
  archiveMemory: v.optional(size, '32MiB'),
  archiveSpace: v.optional(size),
  webhooks: v.optional(webhooksSchema, []),
  images: v.optional(imagesSchema, {}),
  registries: v.optional(v.unknown()),
  registriesConf: v.optional(text),
  hostsDir: v.optional(text),
  auth: v.optional(authSchema, {}),
  access: v.optional(accessSchema, {}),
  limits: v.optional(limits, {}),
  repositories: v.optional(
    v.record(repositoryName, v.variant('kind', [hosted, group, proxied], 'kind must be proxy, hosted or group')),
  ),
})

/** A filter as the file has it. */
export interface FilterDocument extends Omit<FilterConfig, 'keyring'> {
  /** A file. */
  readonly signedBy?: string | undefined
}

/** A proxied repository as the file has it. Durations are milliseconds. */
export interface ProxiedDocument extends ClientDocument {
  readonly kind?: 'proxy' | undefined
  readonly url: string
  readonly charts?: readonly string[] | undefined
  readonly freshFor?: number | undefined
  readonly indexLoss: number
  readonly retain: boolean
  readonly whenChanged: 'accept' | 'refuse'
  readonly filter?: FilterDocument | undefined
  readonly access?: AccessDocument | undefined
}

/** A group as the file has it. */
export interface GroupDocument {
  readonly kind: 'group'
  readonly members: readonly string[]
  readonly reserved: Readonly<Record<string, readonly string[]>>
  readonly passNamesOn: boolean
  readonly access?: AccessDocument | undefined
}

/** A hosted repository as the file has it. */
export interface HostedDocument extends PushLimits, PushedImagesDocument {
  readonly kind: 'hosted'
  readonly access?: AccessDocument | undefined
  readonly keep?: RetentionConfig | undefined
}

/** The file with its top-level defaults filled in. Durations are milliseconds, sizes bytes. */
export interface ConfigDocument {
  readonly listen: Address
  readonly adminListen?: Address | undefined
  readonly tls?: TlsDocument | undefined
  readonly trustedProxies: readonly NetworkRange[]
  readonly cors?: CorsDocument | undefined
  readonly rateLimit?: RateLimitDocument | undefined
  readonly publicUrl?: string | undefined
  readonly data: string
  readonly s3?: S3Config | undefined
  readonly indexFormat: 'json' | 'yaml'
  readonly logLevel: LogLevel
  readonly redisUrl?: string | undefined
  readonly redisUrlFile?: string | undefined
  readonly freshFor: number
  readonly upstreamTimeout: number
  readonly fillTimeout: number
  readonly upstreamConnections: number
  readonly retryAfter: number
  readonly patience: number
  readonly requestTimeout: number
  readonly drainFor: number
  readonly stopWithin: number
  readonly indexMemory: number
  readonly archiveMemory: number
  readonly archiveSpace?: number | undefined
  readonly webhooks: readonly WebhookDocument[]
  readonly images: ImagesDocument
  /** As core reads it. */
  readonly registries?: unknown
  readonly registriesConf?: string | undefined
  readonly hostsDir?: string | undefined
  readonly auth: AuthDocument
  readonly access: AccessDocument
  readonly limits: { readonly [Limit in keyof Limits]?: number | undefined }
  readonly repositories?: Readonly<Record<string, ProxiedDocument | GroupDocument | HostedDocument>> | undefined
}

/** One fault of the file. */
export interface ConfigIssue {
  readonly path: readonly string[]
  readonly what: string
}

/** Checks a document against the form. Gives the document, or every fault. */
export function checkConfig(value: unknown): ConfigDocument | readonly ConfigIssue[] {
  const result = v.safeParse(configSchema, value)
  if (result.success) return result.output
  return result.issues.map((issue: v.BaseIssue<unknown>) => ({
    path: (issue.path ?? []).map(({ key }) => String(key)),
    what:
      issue.expected === 'never'
        ? 'there is no such setting'
        : issue.received === 'undefined'
          ? 'is missing'
          : issue.message,
  }))
}

function isRange(range: string): boolean {
  try {
    parseVersionRange(range)
    return true
  } catch (thrown) {
    if (isChartferryError(thrown, 'VERSION_INVALID')) return false
    throw thrown
  }
}
