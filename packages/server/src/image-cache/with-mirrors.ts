// Several places that have the same images: the next one is asked when one fails, or has not what is wanted.
import { ChartferryError, isChartferryError } from '@chartferry/core'
import type { ContentSource } from '@chartferry/core/oci'

/** Takes at least one place, the registry itself last. What it says counts when none has what is wanted. */
export function withMirrors(sources: readonly ContentSource[], path: string): ContentSource {
  const [first] = sources
  if (first === undefined) throw new ChartferryError('INTERNAL', `${path}: there is no registry to ask`)
  if (sources.length === 1) return first
  const each = async <Value>(
    ask: (source: ContentSource) => Promise<Value>,
    isGood: (value: Value) => boolean = () => true,
  ): Promise<Value> => {
    for (const source of sources.slice(0, -1)) {
      const value = await ask(source).catch((thrown: unknown) => {
        if (isChartferryError(thrown) && thrown.code !== 'CANCELLED') return undefined
        throw thrown
      })
      if (value !== undefined && isGood(value)) return value
    }
    return ask(sources.at(-1) ?? first)
  }
  const list = <Item>(ask: (source: ContentSource) => AsyncIterable<Item>): AsyncIterable<Item> => ({
    async *[Symbol.asyncIterator]() {
      yield* await each((source) => Array.fromAsync(ask(source)))
    },
  })
  return {
    name: first.name,
    repository: path,
    resolve: (reference, options) => each((source) => source.resolve(reference, options)),
    has: (descriptor, options) => each((source) => source.has(descriptor, options), Boolean),
    blob: (digest, options) => each(async (source) => source.blob?.(digest, options)),
    fetch: (descriptor, options) => each((source) => source.fetch(descriptor, options)),
    tags: (options) => list((source) => source.tags(options)),
    referrers: (descriptor, options) => list((source) => source.referrers(descriptor, options)),
  }
}
