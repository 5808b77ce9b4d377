// `POST /admin/prefetch`: images are fetched into the cache; a line of JSON an image as soon as it is done.
import { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { ChartferryError } from '@chartferry/core'
import type { Prefetched } from '../image-cache/prefetch.ts'
import { readBytes } from './read-upload.ts'
import type { Route } from './route.ts'

const mostBytes = 1 << 20
const mostImages = 10_000
/** Milliseconds. */
const sayEvery = 10_000

/** The route. `prefetch` fetches images one after the other. */
export function prefetchRoute(prefetch: (images: readonly string[]) => AsyncIterable<Prefetched>): Route {
  return {
    name: 'admin',
    path: '/admin/prefetch',
    methods: {
      POST: {
        needs: 'admin',
        run: async (ctx) => {
          const images = imagesOf((await readBytes(ctx, mostBytes)).toString())
          ctx.set('Cache-Control', 'no-store')
          ctx.type = 'application/x-ndjson'
          ctx.body = Readable.from(linesOf(prefetch(images)))
        },
      },
    },
  }
}

/** An empty line now and then says that it still works. */
async function* linesOf(fetched: AsyncIterable<Prefetched>): AsyncGenerator<string> {
  const results = fetched[Symbol.asyncIterator]()
  for (let next = results.next(); ; ) {
    const silence = new AbortController()
    const quiet = wait(sayEvery, undefined, { signal: silence.signal }).catch(() => undefined)
    const result = await Promise.race([next, quiet])
    silence.abort()
    if (result === undefined) {
      yield '\n'
      continue
    }
    if (result.done === true) return
    yield `${JSON.stringify(result.value)}\n`
    next = results.next()
  }
}

/** Throws UPLOAD_INVALID for a body that is not `{"images": [...]}`. */
function imagesOf(text: string): readonly string[] {
  try {
    const { images } = JSON.parse(text) as { readonly images?: unknown }
    if (Array.isArray(images) && images.length <= mostImages && images.every((image) => typeof image === 'string'))
      return images
  } catch {
    // No JSON is no list either.
  }
  throw new ChartferryError('UPLOAD_INVALID', 'the body must be {"images": ["quay.io/team/web:1.0", ...]}')
}
