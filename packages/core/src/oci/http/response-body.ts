// The body of an answer, never more of it than was asked for.
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { ChartferryError, type ErrorCode } from '../../errors.ts'
import type { HttpResponse } from './http-message.ts'
import { redactUrl } from './redact-url.ts'
import { requestError } from './request-error.ts'
import { discardBody } from './send-request.ts'

export interface BodyOptions {
  /** The most bytes that are taken. */
  readonly maxBytes: number
  /** The code of the error for more. Default: UPSTREAM_INVALID. */
  readonly tooLarge?: ErrorCode
  /** Unpacked size over compressed size, once more than a mebibyte is unpacked. Default: any. */
  readonly maxRatio?: number
  readonly signal?: AbortSignal | undefined
}

/** Bytes that any body may unpack to. */
const unpackedFreely = 1024 * 1024

/**
 * The bytes as they came, in pieces. Throws the code for too many, UPSTREAM_UNREACHABLE, UPSTREAM_TIMEOUT, CANCELLED.
 */
export async function* bodyPieces(response: HttpResponse, options: BodyOptions): AsyncGenerator<Uint8Array> {
  const { maxBytes, signal } = options
  const declared = Number(response.headers['content-length'] ?? 0)
  let size = 0
  try {
    if (declared > maxBytes) throw tooLarge(response, options)
    for await (const piece of response.body) {
      size += piece.length
      if (size > maxBytes) throw tooLarge(response, options)
      yield piece
    }
  } catch (thrown) {
    discardBody(response)
    throw requestError(thrown, response.url, signal)
  }
}

/**
 * The whole body, unpacked when it travelled as gzip. Throws as `bodyPieces`, and UPSTREAM_INVALID for an encoding not
 * asked for.
 */
export async function readBody(response: HttpResponse, options: BodyOptions): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of bodyPieces(response, options)) pieces.push(piece)
  const bytes = Buffer.concat(pieces)
  const encoding = response.headers['content-encoding'] ?? 'identity'
  if (encoding === 'identity' || bytes.length === 0) return bytes
  if (encoding !== 'gzip' && encoding !== 'x-gzip') {
    throw new ChartferryError('UPSTREAM_INVALID', `${redactUrl(response.url)}: answered in the encoding "${encoding}"`)
  }
  const { maxBytes, maxRatio = Number.POSITIVE_INFINITY } = options
  const most = Math.min(maxBytes, Math.max(unpackedFreely, bytes.length * maxRatio))
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: most })
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw tooLarge(response, { ...options, maxBytes: most })
    throw new ChartferryError('UPSTREAM_INVALID', `${redactUrl(response.url)}: the gzip encoding is broken`, {
      cause: thrown,
    })
  }
}

function tooLarge(
  response: HttpResponse,
  { maxBytes, tooLarge: code = 'UPSTREAM_INVALID' }: BodyOptions,
): ChartferryError {
  return new ChartferryError(code, `${redactUrl(response.url)}: more than ${maxBytes} bytes`, { details: { maxBytes } })
}
