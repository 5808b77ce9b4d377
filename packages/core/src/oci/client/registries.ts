// Registries: one way to each host, shared by all its repositories.

import { ChartferryError } from '../../errors.ts'
import { defaultLimits, type Limits } from '../../limits.ts'
import { canonicalReference, parseReference } from '../../reference/reference.ts'
import type { ContentOptions, ContentRepository, ContentSource } from '../content/content.ts'
import { isManifestType } from '../content/descriptor.ts'
import { readManifest } from '../content/read-content.ts'
import type { CredentialSource } from '../http/credentials.ts'
import { type HttpClient, type HttpClientOptions, openHttpClient } from '../http/http-client.ts'
import type { Quota } from './host-gate.ts'
import { mirroredSource } from './mirrored-source.ts'
import { proveLogin } from './prove-login.ts'
import { apiReferrers, referrersTag, taggedReferrers, tagReferrers } from './referrers.ts'
import { type RepositoryContext, suffixOf } from './registry-context.ts'
import { placesOf, type RegistryAccess, type RegistrySetting, type RepositoryPlace } from './registry-setting.ts'
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
import { type Patience, type Repeat, usualPatience } from './repetition.ts'
import { openTransport, type Transport } from './transport.ts'

export interface RegistriesOptions {
  /** Default: a client of its own. */
  readonly client?: HttpClient
  /** How registries are reached whose names do not say so. Default: each by its name. */
  readonly settings?: readonly RegistrySetting[]
  /** Opens the client of registries that have certificates of their own. Default: `openHttpClient`. */
  readonly openClient?: (options: HttpClientOptions) => HttpClient
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
  /** How often and how long a request that failed is sent again. Default: 5 times, within two minutes. */
  readonly patience?: Partial<Patience> | undefined
  /** Hears of each request that was sent again. */
  readonly onRepeat?: (repeat: Repeat) => void
  /** Hears, once a host, of what a registry does not tell. */
  readonly onWarning?: (message: string) => void
  /** Whether what is refused to the credentials at hand is asked for once without any. Default: false. */
  readonly anonymousFallback?: boolean
  readonly limits?: Limits
}

export interface Registries {
  /**
   * The repository of a name without tag and digest: `quay.io/team/app`, `nginx`. The same object each time. Throws
   * REFERENCE_INVALID.
   */
  repository(name: string): ContentRepository
  /** The same as something to read, through the mirrors that are set for it. Throws REFERENCE_INVALID. */
  source(name: string): ContentSource
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
  const { openClient = openHttpClient } = options
  const client = options.client ?? openClient({})
  const settings = options.settings ?? []
  const clients = new Map<string, HttpClient>()
  const transports = new Map<string, Transport>()
  const repositories = new Map<string, { readonly repository: ContentRepository; close(): Promise<void> }>()
  const sources = new Map<string, ContentSource>()
  const clientOf = ({ ca, cert, key, insecureSkipTlsVerify }: RegistryAccess): HttpClient => {
    const own = { ca, cert, key, insecureSkipTlsVerify }
    const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined))
    if (Object.keys(given).length === 0) return client
    const name = JSON.stringify(own)
    const opened = clients.get(name) ?? openClient(given)
    clients.set(name, opened)
    return opened
  }
  const transportOf = (host: string, access: RegistryAccess): Transport => {
    const key = JSON.stringify([host, access])
    const known = transports.get(key)
    if (known !== undefined) return known
    const { plainHttp } = options
    const opened = openTransport({
      client: clientOf(access),
      host,
      plainHttp: access.plainHttp ?? (typeof plainHttp === 'function' ? plainHttp(host) : plainHttp),
      httpAllowed: access.httpAllowed === true,
      credential: async (path) => access.credential ?? options.credentials?.credentialFor(host, path),
      trustedRealms: [...(options.trustedRealms ?? []), ...(access.trustedRealms ?? [])],
      concurrency: options.concurrency ?? 16,
      longestPause: options.longestPause ?? 120_000,
      onQuota: options.onQuota ?? (() => {}),
      patience: { ...usualPatience, ...options.patience },
      onRepeat: options.onRepeat ?? (() => {}),
      anonymousFallback: options.anonymousFallback === true,
    })
    transports.set(key, opened)
    return opened
  }
  const repositoryAt = (name: string, { host, path, access }: RepositoryPlace): ContentRepository => {
    const key = JSON.stringify([name, host, path, access])
    const known = repositories.get(key)
    if (known !== undefined) return known.repository
    const opened = openRepository({
      transport: transportOf(host, access),
      repository: path,
      name,
      limits: options.limits ?? defaultLimits,
      chunkBytes: options.chunkBytes,
      stallTimeout: options.stallTimeout ?? 300_000,
      createRepository: options.createRepository,
      onWarning: options.onWarning ?? (() => {}),
    })
    repositories.set(key, opened)
    return opened.repository
  }
  /** Of a host as a whole. */
  const hostTransport = (host: string): Transport => {
    const { push } = placesOf(settings, host, '')
    return transportOf(push.host, push.access)
  }
  return {
    repository(text) {
      const { host, path } = repositoryName(text)
      return repositoryAt(`${host}/${path}`, placesOf(settings, host, path).push)
    },
    source(text) {
      const { host, path } = repositoryName(text)
      const name = `${host}/${path}`
      const { read } = placesOf(settings, host, path)
      const [only] = read
      if (only !== undefined && read.length === 1 && only.pulls === undefined) return repositoryAt(name, only)
      const known =
        sources.get(name) ??
        mirroredSource(
          name,
          read.map((place) => ({ source: repositoryAt(`${place.host}/${place.path}`, place), pulls: place.pulls })),
        )
      sources.set(name, known)
      return known
    },
    catalog: (host, asked) => listRepositories(hostTransport(host), options.limits ?? defaultLimits, asked),
    checkLogin: (host, asked) => proveLogin(hostTransport(host), asked),
    async close() {
      await Promise.all([...repositories.values()].map((opened) => opened.close()))
      await Promise.all([...clients.values()].map((opened) => opened.close()))
      if (options.client === undefined) await client.close()
    },
  }
}

/** Takes a name without tag and digest. Throws REFERENCE_INVALID. */
function repositoryName(text: string): { readonly host: string; readonly path: string } {
  const { host, path, tag, digest } = canonicalReference(parseReference(text))
  if (tag === undefined && digest === undefined) return { host, path }
  throw new ChartferryError('REFERENCE_INVALID', `repository ${text}: a repository has neither tag nor digest`)
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
