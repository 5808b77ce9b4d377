// Pushing to a hosted repository, as ChartMuseum's clients do it with a raw body.
import { ChartferryError, type Limits } from '@chartferry/core'
import type { Context } from 'koa'
import type { HostedStore } from '../hosted/hosted-store.ts'
import { readPushedArchive, readPushedProvenance } from '../hosted/publish.ts'
import { noteChange } from './caller.ts'

export interface ChartApiOptions {
  readonly store: HostedStore
  /** The hosted repositories. */
  readonly names: ReadonlySet<string>
  readonly limits: Limits
  readonly now: () => number
}

/** `POST /api/<repository>/charts`. */
export async function pushArchive(ctx: Context, repository: string, options: ChartApiOptions): Promise<void> {
  checkHosted(repository, options.names)
  const bytes = await readUpload(ctx, options.limits.archiveBytes)
  const archive = await readPushedArchive(bytes, options)
  await options.store.push(repository, { archive })
  const { name, version } = archive.version
  noteChange(ctx, { action: 'push', repository, name, version })
  saved(ctx)
}

/** `POST /api/<repository>/prov`. */
export async function pushProvenance(ctx: Context, repository: string, options: ChartApiOptions): Promise<void> {
  checkHosted(repository, options.names)
  const bytes = await readUpload(ctx, options.limits.provenanceBytes)
  await options.store.push(repository, { provenance: readPushedProvenance(bytes) })
  saved(ctx)
}

function checkHosted(repository: string, names: ReadonlySet<string>): void {
  if (names.has(repository)) return
  throw new ChartferryError('REPOSITORY_NOT_FOUND', `no hosted repository "${repository}"`, {
    hint: `Push to one of: ${[...names].join(', ') || 'none is configured'}.`,
  })
}

function saved(ctx: Context): void {
  ctx.status = 201
  ctx.set('Cache-Control', 'no-store')
  ctx.body = { saved: true }
}

/** The body of a request. Throws ARCHIVE_TOO_LARGE as soon as that is known, CANCELLED when the client goes away. */
async function readUpload(ctx: Context, maxBytes: number): Promise<Buffer> {
  const refuse = (): ChartferryError => {
    // The rest of the body is not read, so the connection is of no further use.
    ctx.set('Connection', 'close')
    return new ChartferryError('ARCHIVE_TOO_LARGE', `the upload has more than ${maxBytes} bytes`)
  }
  if (Number(ctx.get('content-length')) > maxBytes) throw refuse()
  const pieces: Buffer[] = []
  let size = 0
  try {
    for await (const piece of ctx.req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += piece.length
      if (size > maxBytes) throw refuse()
      pieces.push(piece)
    }
  } catch (thrown) {
    if (thrown instanceof ChartferryError) throw thrown
    throw new ChartferryError('CANCELLED', 'the upload broke off', { cause: thrown })
  }
  return Buffer.concat(pieces)
}
