// What a push to ChartMuseum's API holds: one file as the body, or several in a form.
import type { IncomingHttpHeaders } from 'node:http'
import { ChartferryError } from '@chartferry/core'
import busboy from 'busboy'
import type { Context } from 'koa'

/** A file of a form. */
export interface UploadedFile {
  readonly field: string
  readonly bytes: Buffer
}

/** Whether the body is a form. */
export function isForm(ctx: Context): boolean {
  return ctx.is('multipart/form-data') === 'multipart/form-data'
}

/** A small body. Throws UPLOAD_TOO_LARGE as soon as that is known, CANCELLED when the client goes away. */
export async function readBytes(ctx: Context, maxBytes: number): Promise<Buffer> {
  return wholeOf(boundedBody(ctx, maxBytes))
}

/** All pieces as one. */
export async function wholeOf(body: AsyncIterable<Buffer>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(body))
}

/**
 * The files of a form, the first of each field; fields without a file name are no files. A body that is no form, or
 * half of one, has no files.
 */
export async function readForm(
  headers: IncomingHttpHeaders,
  body: AsyncIterable<Buffer>,
): Promise<readonly UploadedFile[]> {
  const files = new Map<string, Buffer>()
  let parser: busboy.Busboy
  try {
    parser = busboy({
      headers,
      limits: { files: 16, fields: 64, parts: 80, fieldSize: 1024, headerPairs: 32 },
    })
  } catch {
    // No boundary: no parts.
    return []
  }
  const ended = Promise.withResolvers<void>()
  parser.on('file', (field, stream, { filename }: { readonly filename?: string }) => {
    // A browser sends the field that nobody has filled as a file without a name.
    if (filename === undefined || filename === '') {
      stream.resume().on('error', () => {})
      return
    }
    const pieces: Buffer[] = []
    stream.on('data', (piece: Buffer) => pieces.push(piece))
    stream.on('end', () => {
      if (!files.has(field)) files.set(field, Buffer.concat(pieces))
    })
    // A part that breaks off: the form breaks off too, and says so.
    stream.on('error', () => {})
  })
  parser.on('error', () => {
    files.clear()
    ended.resolve()
  })
  parser.on('close', () => ended.resolve())
  for await (const piece of body) {
    if (parser.destroyed) continue
    if (!parser.write(piece)) await Promise.race([new Promise((done) => parser.once('drain', done)), ended.promise])
  }
  parser.end()
  await ended.promise
  return [...files].map(([field, bytes]) => ({ field, bytes }))
}

/** The body piece by piece. Throws as `readBytes`. */
export async function* boundedBody(ctx: Context, maxBytes: number): AsyncGenerator<Buffer> {
  const refuse = (): ChartferryError => {
    // The rest of the body is not read, so the connection is of no further use.
    ctx.set('Connection', 'close')
    return new ChartferryError('UPLOAD_TOO_LARGE', 'request too large', { details: { maxBytes } })
  }
  if (Number(ctx.get('content-length')) > maxBytes) throw refuse()
  let size = 0
  try {
    for await (const piece of ctx.req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += piece.length
      if (size > maxBytes) throw refuse()
      yield piece
    }
  } catch (thrown) {
    if (thrown instanceof ChartferryError) throw thrown
    throw new ChartferryError('CANCELLED', 'the upload broke off', { cause: thrown })
  }
}
