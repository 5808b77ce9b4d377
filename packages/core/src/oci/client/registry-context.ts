// What the parts of a registry client share about one repository.
import type { ErrorCode } from '../../errors.ts'
import type { Limits } from '../../limits.ts'
import type { Asked } from './registry-error.ts'
import type { Transport } from './transport.ts'

/** One repository of one registry. */
export interface RepositoryContext {
  readonly transport: Transport
  /** The path in the registry. */
  readonly repository: string
  /** In messages: `host/path`. */
  readonly name: string
  readonly limits: Limits
  /** Blobs larger than this go up in pieces; undefined sends each whole, unless the registry refuses that. */
  readonly chunkBytes: number | undefined
  /** Milliseconds in which at least some bytes of an upload must move. */
  readonly stallTimeout: number
  /** Creates what a push needs, where the registry does not do so itself. */
  readonly createRepository:
    | ((place: { readonly host: string; readonly repository: string }) => Promise<void>)
    | undefined
  readonly onWarning: (message: string) => void
}

/** What one question needs to know. */
export type AskedContext = Pick<RepositoryContext, 'transport' | 'repository' | 'name' | 'limits'>

/** The path of an endpoint. */
export function endpoint({ repository }: RepositoryContext, rest: string): string {
  return `/v2/${repository}/${rest}`
}

/** What is asked, for an error about it. */
export function asking(context: AskedContext, thing: string, notFound: ErrorCode, isPush = false): Asked {
  const { name, repository, transport } = context
  return { what: `${name}${thing}`, host: transport.host, repository, notFound, isPush }
}

/** `:tag` or `@digest`, as it follows a name. */
export function suffixOf(reference: string): string {
  return reference.includes(':') ? `@${reference}` : `:${reference}`
}
