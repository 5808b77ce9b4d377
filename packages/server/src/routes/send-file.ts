// Sends bytes that have a strong validator: conditions, one range, the same head for HEAD and GET (RFC 9110, 13 and
// 14).
import type { Readable } from 'node:stream'
import { ChartferryError } from '@chartferry/core'
import type { ByteRange } from '@chartferry/core/transfer'
import type { Context } from 'koa'
import { isPublic } from './caller.ts'

export interface SentFile {
  readonly size: number
  /** With its quotes. */
  readonly etag: string
  readonly type: string
  readonly cacheControl: string
  /** The bytes, or undefined when they have gone. Not called for HEAD and 304. */
  open(range: ByteRange | undefined): Promise<Readable | Buffer | undefined>
}

/** Answers with the file, a part of it, 304 or 416. Throws RANGE_INVALID, STORE_UNAVAILABLE. */
export async function sendFile(ctx: Context, file: SentFile): Promise<void> {
  ctx.set('ETag', file.etag)
  ctx.set('Cache-Control', isPublic(ctx) ? file.cacheControl : privately(file.cacheControl))
  if (isNotModified(ctx.get('if-none-match'), file.etag)) {
    ctx.status = 304
    return
  }
  ctx.set('Accept-Ranges', 'bytes')
  const conditional = ctx.get('if-range')
  const range = conditional === '' || conditional === file.etag ? parseRange(ctx.get('range'), file.size) : undefined
  const body = ctx.method === 'HEAD' ? undefined : await file.open(range)
  if (body === undefined && ctx.method !== 'HEAD')
    throw new ChartferryError('STORE_UNAVAILABLE', 'the bytes have just been removed')
  ctx.status = range === undefined ? 200 : 206
  ctx.type = file.type
  if (range !== undefined) ctx.set('Content-Range', `bytes ${range.start}-${range.end}/${file.size}`)
  if (body !== undefined) ctx.body = body
  ctx.length = range === undefined ? file.size : range.end - range.start + 1
}

/** What no cache shared by several clients may keep (RFC 9111, 5.2.2.7). */
function privately(cacheControl: string): string {
  return `private, ${cacheControl.replace(/^public, /, '')}`
}

/** If-None-Match: a list or `*`, compared weakly. */
export function isNotModified(header: string, etag: string): boolean {
  if (header.trim() === '*') return true
  return header.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === etag)
}

/**
 * One range of bytes. Undefined (send everything) for none, several, or other units. Throws RANGE_INVALID for one
 * outside the file, and for one that ends before it begins (RFC 9110, 14.2: that may be rejected).
 */
export function parseRange(header: string, size: number): ByteRange | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header.replaceAll(' ', ''))
  if (match === null || (match[1] === '' && match[2] === '')) return undefined
  const [, first = '', last = ''] = match
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (start > end)
    throw new ChartferryError('RANGE_INVALID', `bytes ${first}-${last} of ${size}`, { details: { size } })
  return { start, end }
}
