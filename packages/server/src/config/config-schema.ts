// The form of the configuration file. Each fault it finds has a path, so that all of them can be shown at once.

import type { Limits } from '@chartferry/core'
import * as v from 'valibot'
import { type AccessDocument, type AuthDocument, accessSchema, authSchema } from './access-schema.ts'
import type { GcsConfig, LogLevel, S3Config } from './config.ts'
import { type ImagesDocument, imagesSchema } from './images-schema.ts'
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
import type { RelocatingConfig } from './relocation-config.ts'
import { type RepositoryDocument, repositorySchema } from './repository-schema.ts'
import { type Address, count, duration, flag, httpUrl, listenAddress, size, text } from './scalars.ts'

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
  indexNodes: v.optional(count),
  provenanceBytes: v.optional(size),
})

const prefix = v.optional(v.pipe(text, v.regex(/^[^/].*[^/]$|^[^/]$/, 'must neither begin nor end with a slash')))

const s3 = v.strictObject({
  bucket: text,
  prefix,
  region: v.optional(text),
  endpoint: v.optional(httpUrl),
  pathStyle: v.optional(flag),
  encryption: v.optional(v.picklist(['AES256', 'aws:kms'], 'must be AES256 or aws:kms')),
  pollEvery: v.optional(duration, '1s'),
})

const gcs = v.strictObject({
  bucket: text,
  prefix,
  endpoint: v.optional(httpUrl),
  pollEvery: v.optional(duration, '1s'),
})

const relocating = v.strictObject({
  render: v.optional(flag, true),
  processes: v.optional(count, 2),
  memory: v.optional(size, '1GiB'),
  within: v.optional(v.pipe(duration, v.minValue(1, 'must be longer')), '2m'),
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
  gcs: v.optional(gcs),
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
  relocation: v.optional(relocating, {}),
  repositories: v.optional(v.record(repositoryName, repositorySchema)),
})

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
  readonly gcs?: GcsConfig | undefined
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
  readonly relocation: RelocatingConfig
  readonly repositories?: Readonly<Record<string, RepositoryDocument>> | undefined
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
