// What the server can be told: the shape of `chartferry-server.yaml` once read, with every default filled in.

import type { KeyObject } from 'node:crypto'
import type { Limits } from '@chartferry/core'
import type { IndexForm } from '@chartferry/core/helm'
import type { Credential } from '@chartferry/core/internal'
import type { RegistrySetting } from '@chartferry/core/oci'
import type { AccessConfig, AuthConfig, RepositoryRules, Subject } from './access-config.ts'
import type { NetworkRange, RateLimitDocument } from './network-schema.ts'
import type { RelocatingConfig, RelocationConfig } from './relocation-config.ts'
import type { Address } from './scalars.ts'

/** A repository whose charts are pushed here. */
export interface HostedRepositoryConfig {
  readonly kind: 'hosted'
  /** Who may do what with it. */
  readonly access: RepositoryRules
  /** Undefined: everything is kept. */
  readonly retention?: RetentionConfig | undefined
  /** What may be pushed. */
  readonly rules: PushLimits
  /** Whether images may be pushed, or charts alone. */
  readonly images: boolean
  /** Whether tags of images stay what they are: all, or those that fit a pattern. */
  readonly immutableTags: boolean | readonly string[]
}

/** What the pushes to a hosted repository may do. */
export interface PushLimits {
  /** Whether a version that is there is replaced: always, where the request has `?force`, never. */
  readonly overwrite: 'always' | 'force' | 'never'
  /** How many versions a chart has; with one more those pushed first go. Undefined: any number. */
  readonly versionsPerChart?: number | undefined
  /** How many archives and provenance files it has. Undefined: any number. */
  readonly mostFiles?: number | undefined
  /** Bytes that they have together. Undefined: any number. */
  readonly space?: number | undefined
}

/** Which versions are retained: any of these is a reason, and a chart's newest version always stays. */
export interface RetentionConfig {
  /** It is among so many versions of its chart. */
  readonly newest?: number | undefined
  /** It was pushed within so many milliseconds. */
  readonly newerThan?: number | undefined
  /** It was pulled within so many milliseconds. */
  readonly pulledWithin?: number | undefined
}

/** Which charts and versions are shown. */
export interface FilterConfig {
  /** Patterns of chart names; undefined: all. */
  readonly allow?: readonly string[] | undefined
  /** Patterns of chart names, over those allowed. */
  readonly deny?: readonly string[] | undefined
  /** A range as Helm reads it; undefined: all. */
  readonly versions?: string | undefined
  /** How many versions a chart keeps of those that are left otherwise; undefined: all. */
  readonly newest?: number | undefined
  readonly prereleases: boolean
  readonly deprecated: boolean
  /** Milliseconds since it was published after which a version is shown. */
  readonly minAge: number
  /** A keyring as gpg exports it: only what one of its keys has signed is shown. Default: none. */
  readonly keyring?: Uint8Array | undefined
  /** A public key: only charts of a registry whose manifests cosign has signed with it are shown. Default: none. */
  readonly cosignKey?: KeyObject | undefined
  /** A command line that decides about each version; undefined: none does. */
  readonly gate?: string | undefined
  /** Milliseconds that it may take. */
  readonly gateTimeout: number
}

/** How another server is reached. */
export interface ClientConfig {
  /** Whether a registry speaks http; undefined: where it is this machine, and speaks no https. */
  readonly plainHttp?: boolean | undefined
  readonly credential?: Credential
  /** Text of PEM files. */
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly insecureSkipTlsVerify: boolean
  /** Hosts of token services that may see the credentials of a registry, beside its own. */
  readonly trustRealms: readonly string[]
}

/** A repository that is an upstream's. */
export interface ProxyRepositoryConfig extends ClientConfig {
  /** Whether it may lead to addresses in private networks on other hosts. */
  readonly private: boolean
  readonly kind: 'proxy'
  /** Who may do what with it. */
  readonly access: RepositoryRules
  /** Of a chart repository, or `oci://host/path` of a registry. */
  readonly url: string
  /** The charts of a registry; undefined: what it lists. */
  readonly charts?: readonly string[] | undefined
  /** Milliseconds for which its index is served without asking. */
  readonly freshFor: number
  /** The share of its versions (0 to 1) that a new index may lack before it is not believed. */
  readonly indexLoss: number
  /** Whether versions that were pulled once stay in the index when the upstream drops them. */
  readonly retainDropped: boolean
  /** What is done about a version whose digest changed. */
  readonly whenChanged: 'accept' | 'refuse'
  /** Which part of it is shown; undefined: all. */
  readonly filter?: FilterConfig
}

/** Another repository, relocated. */
export interface RelocatedRepositoryConfig {
  readonly kind: 'relocated'
  /** Who may do what with it. */
  readonly access: RepositoryRules
  readonly relocation: RelocationConfig
}

/** Several other repositories under one name. */
export interface GroupRepositoryConfig {
  readonly kind: 'group'
  /** Who may do what with it. */
  readonly access: RepositoryRules
  /** In the order in which they are asked. */
  readonly members: readonly string[]
  /** By member: patterns of the chart names that are taken from it alone. */
  readonly reserved: ReadonlyMap<string, readonly string[]>
  /** Whether names that a member cannot answer for are taken from the members behind it. */
  readonly passNamesOn: boolean
}

/** How a repository is served relocated under its own name; absent: it is served as it is. */
interface MayBeRelocated {
  readonly relocation?: RelocationConfig | undefined
}

export type RepositoryConfig =
  | (HostedRepositoryConfig & MayBeRelocated)
  | (ProxyRepositoryConfig & MayBeRelocated)
  | (GroupRepositoryConfig & MayBeRelocated)
  | RelocatedRepositoryConfig

/** Our own certificate and key, and who signs those of clients that may connect; text of PEM files. */
export interface TlsConfig {
  readonly cert: string
  readonly key: string
  readonly clientCa?: string | undefined
}

/** Who is told about changes. */
export interface WebhookConfig {
  readonly url: string
  readonly secret?: string | undefined
  /** Those whose changes are told; undefined: all. */
  readonly repositories?: readonly string[] | undefined
}

/** A bucket in which everything is kept. Credentials are those that the SDK finds in the environment. */
export interface S3Config {
  readonly bucket: string
  /** A folder in the bucket; undefined: the bucket is the server's alone. */
  readonly prefix?: string | undefined
  readonly region?: string | undefined
  /** Undefined: AWS. */
  readonly endpoint?: string | undefined
  readonly pathStyle?: boolean | undefined
  readonly encryption?: 'AES256' | 'aws:kms' | undefined
  /** Milliseconds for which hosted repositories may lack what other servers took. */
  readonly pollEvery: number
}

/** A bucket of Google Cloud Storage in which everything is kept. Credentials are those that Google's libraries find. */
export interface GcsConfig {
  readonly bucket: string
  /** A folder in the bucket; undefined: the bucket is the server's alone. */
  readonly prefix?: string | undefined
  /** An emulator, which is asked without credentials; undefined: Google. */
  readonly endpoint?: string | undefined
  /** Milliseconds for which hosted repositories may lack what other servers took. */
  readonly pollEvery: number
}

export interface ServerConfig {
  readonly host: string
  /** 0 takes any free one. */
  readonly port: number
  /** Where metrics and administration are instead of beside everything else. */
  readonly adminListen?: Address | undefined
  readonly tls?: TlsConfig | undefined
  /** Whose `X-Forwarded-*` headers are believed. */
  readonly trustedProxies: readonly NetworkRange[]
  /** Whose pages may read answers. */
  readonly origins: readonly string[]
  /** Requests a client may send in a time, in milliseconds. */
  readonly rateLimit?: RateLimitDocument | undefined
  /** The URL under which clients reach the server; undefined: as it listens. */
  readonly publicUrl: string | undefined
  /** A folder. */
  readonly data: string
  /** Where everything is kept instead of the folder; undefined: in the folder. */
  readonly s3?: S3Config | undefined
  /** The same; there is one of them at most. */
  readonly gcs?: GcsConfig | undefined
  /** What stands in index.yaml. */
  readonly indexForm: IndexForm
  readonly logLevel: LogLevel
  /** Where freshness markers live; undefined: in memory. */
  readonly redisUrl: string | undefined
  /** Milliseconds. */
  readonly upstreamTimeout: number
  readonly fillTimeout: number
  /** How many requests one server gets at a time. */
  readonly upstreamConnections: number
  readonly retryAfter: number
  readonly patience: number
  /** How long a client may take to send a request. */
  readonly requestTimeout: number
  /** How long new requests are answered after the server was asked to stop. */
  readonly drainFor: number
  readonly stopWithin: number
  /** Bytes of index text whose parsed form is held in memory. */
  readonly indexMemory: number
  /** Bytes of small archives that are held in memory. */
  readonly archiveMemory: number
  /** Bytes that pulled files may take in the data folder; undefined: any number. */
  readonly archiveSpace?: number | undefined
  readonly limits: Limits
  /** How charts are relocated. */
  readonly relocation: RelocatingConfig
  readonly webhooks: readonly WebhookConfig[]
  readonly images: ImagesConfig
  /** How registries are reached whose names do not say so, for charts and images alike. */
  readonly registries: readonly RegistrySetting[]
  /** Who is known. */
  readonly auth: AuthConfig
  /** Who may do what, where a repository says nothing else. */
  readonly access: AccessConfig
  /** By name, in the order in which they are shown. */
  readonly repositories: ReadonlyMap<string, RepositoryConfig>
  /** Absolute paths of the files that all this was read from. */
  readonly files: readonly string[]
}

/** A registry that images are pulled through from. */
export interface ImageRegistryConfig extends ClientConfig {
  /** Whether it may lead to addresses in private networks on other hosts. */
  readonly private: boolean
  /** With its port, where it has one. */
  readonly host: string
  /** `host/path` of others that have the same images, in the order in which they are asked before it. */
  readonly mirrors: readonly string[]
  /** Patterns of paths; undefined: all. */
  readonly allow?: readonly string[] | undefined
  /** Patterns of paths, over those allowed. */
  readonly deny: readonly string[]
  /** Milliseconds for which a tag is served without asking. */
  readonly freshFor: number
  /** The platforms that a prefetch takes; undefined: all. */
  readonly platforms?: readonly string[] | undefined
  /** Who may do what with it. */
  readonly access: RepositoryRules
  /** Who may pull what is below some of its paths: the first that fits counts. */
  readonly paths: readonly { readonly match: readonly string[]; readonly pull: readonly Subject[] }[]
}

/** Images: what may be pushed, and what is pulled through. */
export interface ImagesConfig {
  /** By the first part of their paths. */
  readonly registries: ReadonlyMap<string, ImageRegistryConfig>
  /** Bytes that pulled images may take; undefined: any number. */
  readonly space?: number | undefined
  /** Whether a path without a registry is Docker Hub's. */
  readonly dockerHub: boolean
  /** Bytes of a blob that is pushed. */
  readonly blobBytes: number
}

export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug'

/** Repositories that are served where the configuration names none. */
export const defaultRepositories: Readonly<Record<string, unknown>> = {
  local: { kind: 'hosted' },
  'prometheus-community': { url: 'https://prometheus-community.github.io/helm-charts' },
  'ingress-nginx': { url: 'https://kubernetes.github.io/ingress-nginx' },
  bitnami: { url: 'https://charts.bitnami.com/bitnami' },
  jetstack: { url: 'https://charts.jetstack.io' },
  grafana: { url: 'https://grafana.github.io/helm-charts' },
}

/** Registries that are pulled through where nothing is configured, and nobody but this machine is served. */
export const popularRegistries: readonly string[] = [
  'docker.io',
  'ghcr.io',
  'quay.io',
  'registry.k8s.io',
  'gcr.io',
  'mcr.microsoft.com',
  'public.ecr.aws',
]
