// What goes to another server and what comes back.
import type { Credential } from './credentials.ts'

export interface HttpRequestOptions {
  /** Default: `GET`. */
  readonly method?: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'
  /** In small letters. Default: none. */
  readonly headers?: Readonly<Record<string, string>>
  /**
   * Pieces are read as fast as they are sent; they cannot be sent twice, so such a request has one attempt. Default:
   * none.
   */
  readonly body?: Uint8Array | string | AsyncIterable<Uint8Array>
  /** Milliseconds until the head of the answer is there, 0 for no bound. Default: the client's. */
  readonly headTimeout?: number
  /** Sent to the home origin only. Default: the user and password of the URL. */
  readonly credential?: Credential | undefined
  /**
   * The origin that is trusted: it alone gets the credential, and it alone may be link-local. Say it when the URL was
   * named by someone else than the user. Default: the origin of the URL.
   */
  readonly home?: string | undefined
  /**
   * Whether the home origin may be link-local, or private where the client guards that, no more than others. Default:
   * false.
   */
  readonly guarded?: boolean
  /** Default: the client's. */
  readonly attempts?: number
  readonly signal?: AbortSignal | undefined
}

/** An answer, whatever its status. The body must be read or discarded. */
export interface HttpResponse {
  readonly status: number
  /** By name in small letters; several of one name are joined with a comma. */
  readonly headers: Readonly<Record<string, string>>
  /** Where the answer came from, after redirects. May hold secrets: print it with `redactUrl`. */
  readonly url: string
  readonly body: AsyncIterable<Uint8Array> & { destroy(): unknown }
}
