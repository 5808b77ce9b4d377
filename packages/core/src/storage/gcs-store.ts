// A blob store in a bucket of Google Cloud Storage, by its JSON interface: its S3 interface has no conditional write.
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { ChartferryError, isChartferryError } from '../errors.ts'
import { type BlobBody, type BlobStore, checkKey, checkRange } from './blob-store.ts'
import { type GcsTokens, gcsTokens } from './gcs-tokens.ts'
import { callTime, untilSilent, within } from './s3-bounds.ts'

export interface GcsStoreOptions {
  readonly bucket: string
  /** What all keys begin with. Default: nothing. */
  readonly prefix?: string | undefined
  /** The URL of an emulator, which is asked without a token. Default: Google. */
  readonly endpoint?: string | undefined
  /** Milliseconds for one call, and between two pieces of a body; one that writes has more for its bytes. Default: 10 s. */
  readonly timeout?: number | undefined
}

interface Call extends Pick<RequestInit, 'method' | 'body' | 'duplex'> {
  readonly headers?: Readonly<Record<string, string>>
}

interface ObjectPage {
  readonly items?: readonly { readonly name: string }[]
  readonly nextPageToken?: string
}

/** Tries of a call that may be made twice, and the pause before the second one in milliseconds: each is twice the one before. */
const again = { tries: 3, pause: 200 }
/** What Google asks to try again. */
const passing: readonly number[] = [408, 429, 500, 502, 503, 504]

/** Opens a store on a bucket. Reaches nobody yet. */
export function openGcsStore(options: GcsStoreOptions): BlobStore {
  const { bucket, prefix = '', endpoint, timeout = callTime } = options
  const origin = endpoint ?? 'https://storage.googleapis.com'
  const tokens: GcsTokens | undefined = endpoint === undefined ? gcsTokens() : undefined
  const objects = `${origin}/storage/v1/b/${encodeURIComponent(bucket)}/o`
  const uploads = `${origin}/upload/storage/v1/b/${encodeURIComponent(bucket)}/o`
  const nameOf = (key: string): string => {
    checkKey(key)
    return prefix + key
  }
  const urlOf = (key: string): string => `${objects}/${encodeURIComponent(nameOf(key))}`

  /**
   * One call, whose body has so many bytes; undefined: as many as come. What is not there, and what a condition refuses, is given.
   * Throws STORE_UNAVAILABLE.
   */
  async function send(url: string, request: Call, bytes: number | undefined): Promise<Response> {
    try {
      const authorization = tokens === undefined ? {} : { authorization: `Bearer ${await tokens()}` }
      const headers = { ...authorization, ...request.headers }
      const call = ({ abortSignal }: { readonly abortSignal?: AbortSignal }): Promise<Response> =>
        fetch(url, { ...request, headers, ...(abortSignal === undefined ? {} : { signal: abortSignal }) })
      const answer = await (bytes === undefined ? call({}) : within(timeout, call, bytes))
      if (answer.ok || [404, 412, 416].includes(answer.status)) return answer
      await answer.body?.cancel()
      throw refused(answer.status)
    } catch (thrown) {
      if (isChartferryError(thrown)) throw thrown
      const isSilent = thrown instanceof Error && thrown.name === 'AbortError'
      throw new ChartferryError(
        'STORE_UNAVAILABLE',
        `the bucket ${bucket} cannot be read or written: ${isSilent ? 'it does not answer' : reasonOf(thrown)}`,
        { cause: thrown, details: isSilent ? { reason: 'timeout' } : {} },
      )
    }
  }

  function refused(status: number): ChartferryError {
    return new ChartferryError(
      'STORE_UNAVAILABLE',
      `the bucket ${bucket} cannot be read or written: status ${status}`,
      {
        details: { status },
      },
    )
  }

  /** A call that changes nothing, or the same whenever it is made. */
  async function sendAgain(url: string, request: Call = {}, bytes = 0): Promise<Response> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await send(url, request, bytes)
      } catch (thrown) {
        const mayPass = isChartferryError(thrown) && passing.includes(Number(thrown.details.status))
        if (!mayPass || attempt === again.tries) throw thrown
        await new Promise((done) => setTimeout(done, again.pause * 2 ** (attempt - 1) * (0.5 + Math.random())))
      }
    }
  }

  async function stat(key: string): ReturnType<BlobStore['stat']> {
    const answer = await sendAgain(`${urlOf(key)}?fields=size,updated`)
    if (answer.status === 404) return undefined
    const { size, updated } = (await answer.json()) as { size: string; updated: string }
    return { size: Number(size), modified: Date.parse(updated) }
  }

  async function put(key: string, body: BlobBody, digest: string | undefined): ReturnType<BlobStore['put']> {
    const hash = createHash('sha256')
    const written = { size: 0, failure: undefined as unknown }
    async function* pieces(): AsyncGenerator<Uint8Array> {
      try {
        for await (const piece of body instanceof Uint8Array ? [body] : body) {
          hash.update(piece)
          written.size += piece.length
          yield piece
        }
        const actual = `sha256:${hash.copy().digest('hex')}`
        // Before the last piece has its end: what is cut off there is no object.
        if (digest !== undefined && digest !== actual)
          throw new ChartferryError('DIGEST_MISMATCH', `${key}: expected ${digest}, got ${actual}`, {
            details: { expected: digest, actual },
          })
      } catch (thrown) {
        written.failure = thrown
        throw thrown
      }
    }
    const request: Call = {
      method: 'POST',
      body: Readable.toWeb(Readable.from(pieces())) as NonNullable<RequestInit['body']>,
      duplex: 'half',
    }
    const url = `${uploads}?uploadType=media&name=${encodeURIComponent(nameOf(key))}`
    // How much comes is not known; what is silent is ended by who gives it.
    const answer = await send(url, request, undefined).catch((thrown: unknown) => {
      throw written.failure ?? thrown
    })
    if (!answer.ok) throw refused(answer.status)
    await answer.body?.cancel()
    return { size: written.size, digest: `sha256:${hash.digest('hex')}` }
  }

  return {
    stat,
    get: async (key, { range } = {}) => {
      if (range !== undefined) {
        const found = await stat(key)
        if (found === undefined) return undefined
        checkRange(range, found.size)
      }
      const headers = range === undefined ? {} : { range: `bytes=${range.start}-${range.end}` }
      const answer = await sendAgain(`${urlOf(key)}?alt=media`, { headers })
      if (answer.status === 404) return undefined
      if (!answer.ok) throw refused(answer.status)
      const whole = Number(
        /\/(\d+)$/.exec(answer.headers.get('content-range') ?? '')?.[1] ?? answer.headers.get('content-length'),
      )
      const body =
        answer.body === null
          ? Readable.from([])
          : Readable.fromWeb(answer.body as import('node:stream/web').ReadableStream)
      return { size: whole, body: untilSilent(body, timeout) }
    },
    put: (key, body, { digest } = {}) => put(key, body, digest),
    create: async (key, body) => {
      const bytes = body instanceof Uint8Array ? body : Buffer.concat(await Array.fromAsync(body))
      const url = `${uploads}?uploadType=media&ifGenerationMatch=0&name=${encodeURIComponent(nameOf(key))}`
      const answer = await send(url, { method: 'POST', body: Buffer.from(bytes) }, bytes.length)
      await answer.body?.cancel()
      if (answer.status === 404) throw refused(404)
      return answer.status !== 412
    },
    delete: async (key) => {
      await (await sendAgain(urlOf(key), { method: 'DELETE' })).body?.cancel()
    },
    async *list(start, { after = '' } = {}) {
      let pageToken: string | undefined
      do {
        const asked = new URLSearchParams({ prefix: prefix + start, fields: 'items(name),nextPageToken' })
        // The offset itself counts.
        if (after !== '') asked.set('startOffset', prefix + after)
        if (pageToken !== undefined) asked.set('pageToken', pageToken)
        const answer = await sendAgain(`${objects}?${asked.toString()}`)
        if (!answer.ok) throw refused(answer.status)
        const page = (await answer.json()) as ObjectPage
        for (const { name } of page.items ?? []) {
          const key = name.slice(prefix.length)
          if (key > after) yield key
        }
        pageToken = page.nextPageToken
      } while (pageToken !== undefined)
    },
  }
}

function reasonOf(thrown: unknown): string {
  const cause = thrown instanceof Error ? (thrown.cause ?? thrown) : thrown
  return cause instanceof Error ? cause.message : String(cause)
}
