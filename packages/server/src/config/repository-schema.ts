// The form of one repository: hosted, proxied, relocated, or a group of others.
import { isChartferryError, type TargetMode, targetModes } from '@chartferry/core'
import { parseVersionRange } from '@chartferry/core/helm'
import * as v from 'valibot'
import { type AccessDocument, repositoryAccessSchema } from './access-schema.ts'
import { type ClientDocument, clientSettings } from './client-schema.ts'
import type { FilterConfig, PushLimits, RetentionConfig } from './config.ts'
import { type PushedImagesDocument, pushedImages } from './images-schema.ts'
import type { TargetImages } from './relocation-config.ts'
import { count, duration, flag, share, size, text, upstreamUrl } from './scalars.ts'

const targetRegistry = v.strictObject({
  ...clientSettings,
  pushTo: v.optional(text),
})

/** The settings of a relocation, to stand beside those of a repository. */
const relocationEntries = {
  to: text,
  mode: v.optional(v.picklist(targetModes, `must be ${targetModes.join(', ')}`)),
  rules: v.optional(text),
  values: v.optional(v.record(text, text), {}),
  images: v.optional(v.picklist(['copy', 'pull-through', 'present'], 'must be copy, pull-through or present')),
  platforms: v.optional(v.pipe(v.array(text, 'must be a list'), v.minLength(1, 'must name a platform'))),
  unproven: v.optional(v.picklist(['refuse', 'mark'], 'must be refuse or mark'), 'refuse'),
  sign: v.optional(v.strictObject({ keyFile: text, passphraseFile: v.optional(text) })),
  warm: v.optional(
    v.pipe(
      v.number('must be a whole number'),
      v.integer('must be a whole number'),
      v.minValue(0, 'must be at least 0'),
      v.maxValue(100, 'must be at most 100'),
    ),
    0,
  ),
  registry: v.optional(targetRegistry),
}

const relocationSchema: v.GenericSchema<unknown, RelocationDocument> = v.strictObject(relocationEntries)

const span = v.pipe(duration, v.minValue(1, 'must be longer'))

const keep = v.pipe(
  v.strictObject({ newest: v.optional(count), newerThan: v.optional(span), pulledWithin: v.optional(span) }),
  v.check((given) => Object.keys(given).length > 0, 'must say what is kept: newest, newerThan or pulledWithin'),
)

const hosted = v.strictObject({
  kind: v.literal('hosted'),
  access: v.optional(repositoryAccessSchema),
  relocate: v.optional(relocationSchema),
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
  relocate: v.optional(relocationSchema),
})

const proxied = v.strictObject({
  kind: v.optional(v.literal('proxy')),
  url: upstreamUrl,
  charts: v.optional(v.pipe(v.array(text), v.minLength(1, 'must name a chart'))),
  trustRealm: v.optional(v.array(text), []),
  freshFor: v.optional(duration),
  indexLoss: v.optional(share, '50%'),
  retain: v.optional(flag, false),
  whenChanged: v.optional(v.picklist(['accept', 'refuse'], 'must be accept or refuse'), 'accept'),
  ...clientSettings,
  private: v.optional(flag, false),
  filter: v.optional(filter),
  access: v.optional(repositoryAccessSchema),
  relocate: v.optional(relocationSchema),
})

const relocated = v.strictObject({
  kind: v.literal('relocated'),
  of: text,
  access: v.optional(repositoryAccessSchema),
  ...relocationEntries,
})

/** One repository as the file has it. */
export type RepositoryDocument = ProxiedDocument | GroupDocument | HostedDocument | RelocatedDocument

export const repositorySchema: v.GenericSchema<unknown, RepositoryDocument> = v.variant(
  'kind',
  [hosted, group, proxied, relocated],
  'kind must be proxy, hosted, group or relocated',
)

/** A filter as the file has it. */
export interface FilterDocument extends Omit<FilterConfig, 'keyring' | 'cosignKey'> {
  /** A file. */
  readonly signedBy?: string | undefined
}

/** A proxied repository as the file has it. Durations are milliseconds. */
export interface ProxiedDocument extends ClientDocument {
  readonly kind?: 'proxy' | undefined
  readonly url: string
  readonly charts?: readonly string[] | undefined
  /** The same as `trustRealms`, by the name of the flag. */
  readonly trustRealm: readonly string[]
  readonly freshFor?: number | undefined
  readonly indexLoss: number
  readonly retain: boolean
  readonly whenChanged: 'accept' | 'refuse'
  readonly private: boolean
  readonly filter?: FilterDocument | undefined
  readonly access?: AccessDocument | undefined
  readonly relocate?: RelocationDocument | undefined
}

/** A group as the file has it. */
export interface GroupDocument {
  readonly kind: 'group'
  readonly members: readonly string[]
  readonly reserved: Readonly<Record<string, readonly string[]>>
  readonly passNamesOn: boolean
  readonly access?: AccessDocument | undefined
  readonly relocate?: RelocationDocument | undefined
}

/** A hosted repository as the file has it. */
export interface HostedDocument extends PushLimits, PushedImagesDocument {
  readonly kind: 'hosted'
  readonly access?: AccessDocument | undefined
  readonly relocate?: RelocationDocument | undefined
  readonly keep?: RetentionConfig | undefined
}

/** How the registry of the target is reached, as the file has it. */
export interface TargetRegistryDocument extends ClientDocument {
  readonly pushTo?: string | undefined
}

/** A relocation as the file has it. */
export interface RelocationDocument {
  readonly to: string
  readonly mode?: TargetMode | undefined
  /** A file. */
  readonly rules?: string | undefined
  /** Files, by the name of the chart that is rendered with them. */
  readonly values: Readonly<Record<string, string>>
  readonly images?: TargetImages | undefined
  readonly platforms?: readonly string[] | undefined
  readonly unproven: 'refuse' | 'mark'
  readonly sign?: { readonly keyFile: string; readonly passphraseFile?: string | undefined } | undefined
  readonly warm: number
  readonly registry?: TargetRegistryDocument | undefined
}

/** The relocated view of another repository as the file has it. */
export interface RelocatedDocument extends RelocationDocument {
  readonly kind: 'relocated'
  readonly of: string
  readonly access?: AccessDocument | undefined
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
