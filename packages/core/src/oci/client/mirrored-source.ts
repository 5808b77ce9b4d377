// A repository that is read in several places: each is asked in turn until one gives an answer.
import { ChartferryError, isChartferryError } from '../../errors.ts'
import type { ContentSource } from '../content/content.ts'

/** A place, and what is asked for there. */
export interface MirrorPlace {
  readonly source: ContentSource
  readonly pulls?: 'digest' | 'tag' | undefined
}

/**
 * Takes the places in order, the registry itself last where it may be asked. What one refuses, has not, or cannot say,
 * the next is asked for; the error of the last is thrown, with what the others said. A body that has begun is not begun
 * again elsewhere. Throws REGISTRY_DENIED where no place may be asked.
 */
export function mirroredSource(name: string, places: readonly MirrorPlace[]): ContentSource {
  const askEach = async <Answer>(
    kind: 'digest' | 'tag',
    ask: (source: ContentSource) => Promise<Answer | undefined>,
  ): Promise<Answer | undefined> => {
    const asked = places.filter(({ pulls }) => pulls === undefined || pulls === kind)
    if (asked.length === 0)
      throw new ChartferryError('REGISTRY_DENIED', `${name}: it is blocked, and no mirror is to be asked`, {
        hint: 'Look at `registries:`, registries.conf and hosts.toml.',
      })
    const faults: string[] = []
    for (const [at, { source }] of asked.entries()) {
      try {
        const answer = await ask(source)
        if (answer !== undefined || at === asked.length - 1) return answer
      } catch (thrown) {
        if (!isChartferryError(thrown) || thrown.kind === 'cancelled') throw thrown
        if (at < asked.length - 1) faults.push(thrown.message)
        else if (faults.length === 0) throw thrown
        else
          throw new ChartferryError(thrown.code, `${thrown.message} (mirrors failed, too: ${faults.join('; ')})`, {
            cause: thrown,
            hint: thrown.hint,
            details: thrown.details,
          })
      }
    }
    return undefined
  }
  const [last] = places.slice(-1)
  return {
    name,
    repository: name.slice(name.indexOf('/') + 1),
    ...(last?.source.registry === undefined ? {} : { registry: last.source.registry }),
    async resolve(reference, options) {
      const kind = reference.includes(':') ? 'digest' : 'tag'
      const found = await askEach(kind, (source) => source.resolve(reference, options))
      if (found === undefined) throw new ChartferryError('MANIFEST_NOT_FOUND', `${name}: there is no ${reference}`)
      return found
    },
    has: async (descriptor, options) =>
      (await askEach('digest', async (source) => (await source.has(descriptor, options)) || undefined)) ?? false,
    blob: (digest, options) => askEach('digest', async (source) => source.blob?.(digest, options)),
    async fetch(descriptor, options) {
      const body = await askEach('digest', (source) => source.fetch(descriptor, options))
      if (body === undefined) throw new ChartferryError('BLOB_NOT_FOUND', `${name}: there is no ${descriptor.digest}`)
      return body
    },
    async *tags(options) {
      const tags = await askEach('tag', async (source) => {
        const found: string[] = []
        for await (const tag of source.tags(options)) found.push(tag)
        return found
      })
      yield* tags ?? []
    },
    async *referrers(descriptor, options) {
      const seen = new Set<string>()
      // A mirror that knows none may not know: each is asked, and what one refuses to say another may.
      for (const [at, { source }] of places.entries()) {
        try {
          for await (const referrer of source.referrers(descriptor, options)) {
            if (!seen.has(referrer.digest)) yield referrer
            seen.add(referrer.digest)
          }
        } catch (thrown) {
          if (!isChartferryError(thrown) || thrown.kind === 'cancelled' || at === places.length - 1) throw thrown
        }
      }
    },
  }
}
