// What clients of registries push and delete (OCI distribution specification 1.1, push and content management).
import { ChartferryError } from '@chartferry/core'
import type { Context } from 'koa'
import { contentDigest, isContentDigest } from '../images/content-digest.ts'
import type { ImagePlace } from '../images/image-keys.ts'
import { finishUpload, pushWhole } from '../images/push-blob.ts'
import { placeOf } from '../registry/hosted-registry.ts'
import type { PushRegistry } from '../registry/push-registry.ts'
import { callerOf, noteChange } from './caller.ts'
import { readBytes } from './read-upload.ts'
import { repositoryName, textOf } from './registry.ts'
import { type PathParameters, parameter, type Route, type RouteStep } from './route.ts'

type Step = (ctx: Context, registry: PushRegistry, place: ImagePlace, reference: string) => Promise<void>

/** The methods that change something, by the path behind a repository's name. */
export function pushMethods(registry: PushRegistry): Readonly<Record<string, Route['methods']>> {
  const step = (needs: RouteStep['needs'], run: Step): RouteStep => ({
    needs,
    run: async (ctx, found) => {
      ctx.set('Docker-Distribution-API-Version', 'registry/2.0')
      ctx.set('Cache-Control', 'no-store')
      const place = placeOf(repositoryName(found))
      registry.check(place)
      await run(ctx, registry, place, referenceOf(found))
    },
  })
  return {
    'blobs/uploads': { POST: step('push', beginUpload) },
    'blobs/uploads/:session': {
      GET: step('push', sendUpload),
      PATCH: step('push', takePart),
      PUT: step('push', endUpload),
      DELETE: step('push', cancelUpload),
    },
    'manifests/:reference': { PUT: step('push', takeManifest), DELETE: step('delete', deleteManifest) },
    'blobs/:reference': { DELETE: step('delete', deleteBlob) },
  }
}

function referenceOf(found: PathParameters): string {
  return found.reference ?? parameter(found, 'session')
}

/** Begins an upload, takes a blob over from elsewhere, or takes one that comes with the request. */
async function beginUpload(ctx: Context, registry: PushRegistry, place: ImagePlace): Promise<void> {
  const { images, limits } = registry
  const [mount, given] = [textOf(ctx.query.mount), textOf(ctx.query.digest)]
  if (mount !== undefined) {
    const digest = contentDigest(mount)
    const from = await registry.sourceOf(digest, textOf(ctx.query.from), callerOf(ctx))
    if (from !== undefined && (await images.mount(place, digest, from))) return created(ctx, place, 'blobs', digest)
  } else if (given !== undefined) {
    const digest = contentDigest(given)
    await registry.checkRoom(place, lengthOf(ctx))
    await pushWhole(images, place, { ...bodyOf(ctx), digest, limit: limits.blobBytes })
    return created(ctx, place, 'blobs', digest)
  }
  await registry.checkRoom(place, 0)
  sendSession(ctx, place, await images.uploads.begin(place), 0, 202)
}

/** Where an upload is to go on. */
async function sendUpload(ctx: Context, { images }: PushRegistry, place: ImagePlace, session: string): Promise<void> {
  const { size } = await images.uploads.state(place, session)
  sendSession(ctx, place, session, size, 204)
}

async function takePart(ctx: Context, registry: PushRegistry, place: ImagePlace, session: string): Promise<void> {
  const { images, limits } = registry
  const { body, start } = bodyOf(ctx)
  const { size } = await images.uploads
    .append(place, session, body, { start, limit: limits.blobBytes })
    .catch(withPlace(ctx, place, session))
  await registry.checkRoom(place, size)
  sendSession(ctx, place, session, size, 202)
}

async function endUpload(ctx: Context, registry: PushRegistry, place: ImagePlace, session: string): Promise<void> {
  const digest = contentDigest(textOf(ctx.query.digest) ?? '')
  await registry.checkRoom(place, lengthOf(ctx))
  await finishUpload(registry.images, place, session, {
    ...bodyOf(ctx),
    digest,
    limit: registry.limits.blobBytes,
  }).catch(withPlace(ctx, place, session))
  created(ctx, place, 'blobs', digest)
}

async function cancelUpload(ctx: Context, { images }: PushRegistry, place: ImagePlace, session: string): Promise<void> {
  await images.uploads.state(place, session)
  await images.uploads.end(place, session)
  ctx.status = 204
}

const tagForm = /^\w[\w.-]{0,127}$/

async function takeManifest(ctx: Context, registry: PushRegistry, place: ImagePlace, reference: string): Promise<void> {
  const digest = isContentDigest(reference) ? reference : undefined
  if (reference.includes(':')) contentDigest(reference)
  const asked = ctx.query.tag
  const tags = digest === undefined ? [reference] : asked === undefined ? [] : [asked].flat()
  for (const tag of tags) checkTag(tag)
  const bytes = await readBytes(ctx, registry.limits.manifestBytes)
  const kept = await registry.put(place, { bytes, contentType: ctx.get('content-type'), digest, tags })
  if (kept.subject !== undefined) ctx.set('OCI-Subject', kept.subject)
  if (digest !== undefined && tags.length > 0) ctx.set('OCI-Tag', tags.join(', '))
  for (const { name, version } of kept.chart === undefined ? changesOf(place, tags) : [kept.chart])
    noteChange(ctx, { action: 'push', repository: place.hosted, name, version })
  created(ctx, place, 'manifests', kept.digest)
}

function changesOf(
  { hosted, name }: ImagePlace,
  tags: readonly string[],
): readonly { name: string; version: string }[] {
  return tags.map((version) => ({ name: name.slice(hosted.length + 1), version }))
}

function checkTag(tag: string): void {
  if (!tagForm.test(tag))
    throw new ChartferryError('REFERENCE_INVALID', `${JSON.stringify(tag.slice(0, 200))} is no tag`, {
      hint: 'A tag has letters, digits, `_`, `.` and `-`, at most 128.',
    })
}

async function deleteManifest(
  ctx: Context,
  registry: PushRegistry,
  place: ImagePlace,
  reference: string,
): Promise<void> {
  if (reference.includes(':')) contentDigest(reference)
  const removed = await registry.remove(place, reference)
  noteChange(ctx, { action: 'delete', repository: place.hosted, ...removed })
  ctx.status = 202
}

async function deleteBlob(ctx: Context, { images }: PushRegistry, place: ImagePlace, digest: string): Promise<void> {
  await images.deleteBlob(place, contentDigest(digest))
  ctx.status = 202
}

function created(ctx: Context, { name }: ImagePlace, kind: 'blobs' | 'manifests', digest: string): void {
  ctx.set('Location', `/v2/${name}/${kind}/${digest}`)
  ctx.set('Docker-Content-Digest', digest)
  ctx.status = 201
}

function sendSession(ctx: Context, place: ImagePlace, session: string, size: number, status: number): void {
  setSession(ctx, place, session, size)
  ctx.status = status
}

function setSession(ctx: Context, { name }: ImagePlace, session: string, size: number): void {
  ctx.set('Location', `/v2/${name}/blobs/uploads/${session}`)
  ctx.set('Range', `0-${Math.max(0, size - 1)}`)
  ctx.set('Docker-Upload-UUID', session)
}

/** An error that says where the upload is to go on says so in the headers, too. */
function withPlace(ctx: Context, place: ImagePlace, session: string): (thrown: unknown) => never {
  return (thrown) => {
    if (thrown instanceof ChartferryError && thrown.code === 'UPLOAD_MISPLACED') {
      const { size } = thrown.details
      if (typeof size === 'number') setSession(ctx, place, session, size)
    }
    // What is left of the body is not read.
    ctx.set('Connection', 'close')
    throw thrown
  }
}

interface RequestBody {
  readonly body: AsyncIterable<Uint8Array>
  readonly hasBody: boolean
  readonly start: number | undefined
}

/** Throws UPLOAD_MISPLACED for a range that the body cannot have. */
function bodyOf(ctx: Context): RequestBody {
  const length = lengthOf(ctx)
  const range = ctx.get('content-range')
  // Not HTTP's form, which has a unit and a size, but some send that.
  const [, first, last] = /^(?:bytes )?(\d{1,15})-(\d{1,15})(?:\/(?:\d+|\*))?$/.exec(range) ?? []
  const start = first === undefined ? undefined : Number(first)
  const isOdd = range !== '' && (start === undefined || Number(last) < start)
  if (isOdd || (start !== undefined && length > 0 && Number(last) - start + 1 !== length))
    throw new ChartferryError('UPLOAD_MISPLACED', `Content-Range ${range.slice(0, 80)} is not that of ${length} bytes`)
  return { body: piecesOf(ctx), hasBody: length > 0 || ctx.get('transfer-encoding') !== '', start }
}

function lengthOf(ctx: Context): number {
  return Number(ctx.get('content-length')) || 0
}

async function* piecesOf(ctx: Context): AsyncGenerator<Uint8Array> {
  try {
    yield* ctx.req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
  } catch (thrown) {
    throw new ChartferryError('CANCELLED', 'the upload broke off', { cause: thrown })
  }
}
