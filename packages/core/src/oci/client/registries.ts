// Registries: one way to each host, shared by all its repositories.

import { ChartferryError } from '../../errors.ts'
import { defaultLimits, type Limits } from '../../limits.ts'
import { canonicalReference, parseReference } from '../../reference/reference.ts'
import type { ContentOptions, ContentRepository } from '../content/content.ts'
import { isManifestType } from '../content/descriptor.ts'
import { readManifest } from '../content/read-content.ts'
import type { CredentialSource } from '../http/credentials.ts'
import { type HttpClient, openHttpClient } from '../http/http-client.ts'
import type { Quota } from './host-gate.ts'
import { apiReferrers, referrersTag, taggedReferrers, tagReferrers } from './referrers.ts'
import { type RepositoryContext, suffixOf } from './registry-context.ts'
import { drain, statusError } from './registry-error.ts'
import {
  closeSessions,
  collectManifest,
  mountBlob,
  openSpareSessions,
  provePush,
  pushBlob,
  putManifest,
} from './registry-sink.ts'
import {
  describeBlob,
  fetchContent,
  hasContent,
  listRepositories,
  listTags,
  resolveManifest,
} from './registry-source.ts'
import { openTransport, type Transport } from './transport.ts'

export interface RegistriesOptions {
  /** Default: a client of its own. */
  readonly client?: HttpClient
  /** Default: nobody is known anywhere. */
  readonly credentials?: CredentialSource
  /**
   * Whether a host speaks http: all do, none does, or as the function says. Default: only this machine, where it does
   * not speak https.
   */
  readonly plainHttp?: boolean | ((host: string) => boolean | undefined)
  /** Hosts of token services that may see the credentials of any registry. Default: none. */
  readonly trustedRealms?: readonly string[]
  /** Requests at once to a host. Default: 16. */
  readonly concurrency?: number
  /** Blobs larger than this are pushed in pieces. Default: whole, as long as the registry takes it. */
  readonly chunkBytes?: number
  /** Milliseconds that a host may make us wait. Default: 120,000. */
  readonly longestPause?: number
  /** Milliseconds in which at least some bytes of an upload must move. Default: 300,000. */
  readonly stallTimeout?: number
  /** Creates a repository that is missing before something is pushed. Default: TARGET_MISSING is thrown. */
  readonly createRepository?: (place: { readonly host: string; readonly repository: string }) => Promise<void>
  /** Takes what a host says of how much more it gives. */
  readonly onQuota?: (quota: Quota) => void
  readonly limits?: Limits
}

export interface Registries {
  /**
   * The repository of a name without tag and digest: `quay.io/team/app`, `nginx`. The same object each time. Throws
   * REFERENCE_INVALID.
   */
  repository(name: string): ContentRepository
  /**
   * The paths of all repositories, where the host lists them. Throws MANIFEST_NOT_FOUND where it does not,
   * REGISTRY_DENIED.
   */
  catalog(host: string, options?: ContentOptions): AsyncIterable<string>
  /** Proves that the host takes our credentials, or wants none. Throws REGISTRY_DENIED, REGISTRY_UNREACHABLE. */
  checkLogin(host: string, options?: ContentOptions): Promise<void>
  /** Ends uploads that were begun and closes connections. */
  close(): Promise<void>
}

/** Opens registries; nothing is asked before it is needed. */
export function openRegistries(options: RegistriesOptions = {}): Registries {
  const client = options.client ?? openHttpClient()
  const transports = new Map<string, Transport>()
  const repositories = new Map<string, { readonly repository: ContentRepository; close(): Promise<void> }>()
  const transportOf = (host: string): Transport => {
    const known = transports.get(host)
    if (known !== undefined) return known
    const { plainHttp } = options
    const opened = openTransport({
      client,
      host,
      plainHttp: typeof plainHttp === 'function' ? plainHttp(host) : plainHttp,
      credential: async (path) => options.credentials?.credentialFor(host, path),
      trustedRealms: options.trustedRealms ?? [],
      concurrency: options.concurrency ?? 16,
      longestPause: options.longestPause ?? 120_000,
      onQuota: options.onQuota ?? (() => {}),
    })
    transports.set(host, opened)
    return opened
  }
  return {
    repository(text) {
      const { host, path, tag, digest } = canonicalReference(parseReference(text))
      if (tag !== undefined || digest !== undefined)
        throw new ChartferryError('REFERENCE_INVALID', `repository ${text}: a repository has neither tag nor digest`)
      const name = `${host}/${path}`
      const known = repositories.get(name)
      if (known !== undefined) return known.repository
      const opened = openRepository({
        transport: transportOf(host),
        repository: path,
        name,
        limits: options.limits ?? defaultLimits,
        chunkBytes: options.chunkBytes,
        stallTimeout: options.stallTimeout ?? 300_000,
        createRepository: options.createRepository,
      })
      repositories.set(name, opened)
      return opened.repository
    },
    catalog: (host, asked) => listRepositories(transportOf(host), options.limits ?? defaultLimits, asked),
    async checkLogin(host, { signal } = {}) {
      const response = await transportOf(host).send('/v2/', { repository: '', actions: 'pull', signal })
      const asked = { what: host, host, repository: '', notFound: 'REGISTRY_INVALID', isPush: false } as const
      if (response.status !== 200) throw await statusError(response, asked)
      await drain(response)
    },
    async close() {
      await Promise.all([...repositories.values()].map((opened) => opened.close()))
      if (options.client === undefined) await client.close()
    },
  }
}

function openRepository(context: RepositoryContext): {
  readonly repository: ContentRepository
  close(): Promise<void>
} {
  const { name, limits, transport } = context
  const limit = limits.referrers
  const spare = openSpareSessions()
  const repository: ContentRepository = {
    name,
    registry: transport.host,
    repository: context.repository,
    async resolve(reference, options) {
      const found = await resolveManifest(context, reference, options)
      if (found === undefined)
        throw new ChartferryError('MANIFEST_NOT_FOUND', `${name}${suffixOf(reference)}: the registry has no such image`)
      return found
    },
    has: (descriptor, options) => hasContent(context, descriptor, options),
    blob: (digest, options) => describeBlob(context, digest, options),
    fetch: (descriptor, options) => fetchContent(context, descriptor, options),
    tags: (options) => listTags(context, options),
    async *referrers(subject, options) {
      const listed = await apiReferrers(context, subject, options)
      if (listed !== undefined) yield* listed
      else if (options?.knownTags?.has(referrersTag(subject)) ?? true)
        yield* await taggedReferrers(repository, subject, { ...options, limit })
    },
    async push(descriptor, body, options = {}) {
      if (!isManifestType(descriptor.mediaType)) return pushBlob(context, spare, descriptor, body, options)
      return putManifest(context, descriptor, await collectManifest(body, limits.manifestBytes, name), options)
    },
    async tag(descriptor, tag, options = {}) {
      const { bytes } = await readManifest(repository, descriptor, { ...options, maxBytes: limits.manifestBytes })
      await putManifest(context, descriptor, bytes, { ...options, tag })
    },
    mount: (descriptor, from, options) => mountBlob(context, spare, descriptor, from, options),
    async attach(subject, referrers, options = {}) {
      const listed = await apiReferrers(context, subject, options)
      const found = new Set(
        (listed ?? (await taggedReferrers(repository, subject, { ...options, limit }))).map(({ digest }) => digest),
      )
      const missing = referrers.filter(({ digest }) => !found.has(digest))
      if (missing.length > 0) await tagReferrers(repository, subject, missing, { ...options, limit })
    },
    preflight: (options = {}) => provePush(context, spare, options),
  }
  return { repository, close: () => closeSessions(context, spare) }
}
