// The images of a bundle as the repositories of a registry: under the names that relocated charts give them, under
// their own, and as a mirror.
import { ChartferryError, isChartferryError, type Plan, parseTarget } from '@chartferry/core'
import {
  type ContentSource,
  canonicalReference,
  type Descriptor,
  formatReference,
  type ImageReference,
  parseReference,
} from '@chartferry/core/oci'
import type { Bundle } from '@chartferry/core/transfer'
import { contentRegistry } from './content-registry.ts'
import type { Registry } from './registry.ts'

/**
 * Takes the bundle and the plans of its charts. An image has the names that these plans give it, its path where one
 * image alone has it, `host/path`, and its path for a client that takes us for a mirror of its host.
 */
export function bundledImages(bundle: Bundle, plans: readonly Plan[]): Registry {
  const names = new Map<string, Set<string>>()
  const note = (name: string, repository: string): void => {
    if (bundle.repository(repository) !== undefined) names.set(name, (names.get(name) ?? new Set()).add(repository))
  }
  for (const plan of plans) {
    const { prefix } = parseTarget(plan.target)
    for (const { from, to } of plan.images) {
      const { path } = parseReference(to)
      note(prefix === '' ? path : path.slice(prefix.length + 1), repositoryOf(parseReference(from)))
    }
  }
  for (const repository of bundle.repositories()) {
    note(repository, repository)
    note(repository.slice(repository.indexOf('/') + 1), repository)
  }
  const opened = new Map<string, ContentSource | undefined>()
  const open = (name: string): ContentSource | undefined => {
    const sources = [...(names.get(name) ?? [])].flatMap((repository) => bundle.repository(repository) ?? [])
    const [only] = sources
    return sources.length > 1 ? together(name, sources) : only
  }
  return contentRegistry((name, namespace) => {
    if (namespace !== undefined) return bundle.repository(`${namespace}/${name}`)
    if (!opened.has(name)) opened.set(name, open(name))
    return opened.get(name)
  })
}

function repositoryOf(reference: ImageReference): string {
  const { host, path } = canonicalReference(reference)
  return formatReference({ host, path })
}

/** Several repositories under one name. A tag that means different images in them is given to nobody. */
function together(name: string, sources: readonly ContentSource[]): ContentSource {
  const having = async (descriptor: Descriptor): Promise<ContentSource | undefined> => {
    for (const source of sources) if (await source.has(descriptor)) return source
    return sources[0]
  }
  return {
    name,
    repository: name,
    async resolve(reference, options) {
      const found = new Map<string, Descriptor>()
      for (const source of sources) {
        const descriptor = await source.resolve(reference, options).catch((thrown: unknown) => {
          if (isChartferryError(thrown, 'MANIFEST_NOT_FOUND')) return undefined
          throw thrown
        })
        if (descriptor !== undefined) found.set(descriptor.digest, descriptor)
      }
      const [first] = found.values()
      if (first === undefined) throw new ChartferryError('MANIFEST_NOT_FOUND', `${name}: there is no ${reference}`)
      if (found.size === 1) return first
      throw new ChartferryError(
        'TARGET_COLLISION',
        `${name}:${reference} would be any of ${sources.map((source) => source.repository).join(', ')}`,
      )
    },
    has: async (descriptor) => (await having(descriptor))?.has(descriptor) ?? false,
    fetch: async (descriptor, options) => {
      const source = await having(descriptor)
      if (source === undefined) throw new ChartferryError('BLOB_NOT_FOUND', `${name}: there is no ${descriptor.digest}`)
      return source.fetch(descriptor, options)
    },
    async *tags(options) {
      const seen = new Set<string>()
      for (const source of sources) for await (const tag of source.tags(options)) seen.add(tag)
      yield* seen
    },
    async *referrers(descriptor, options) {
      const seen = new Set<string>()
      for (const source of sources) {
        for await (const referrer of source.referrers(descriptor, options)) {
          if (!seen.has(referrer.digest)) yield referrer
          seen.add(referrer.digest)
        }
      }
    },
  }
}
