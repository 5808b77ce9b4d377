// THE VERB `bundle serve`: what a registry and a chart repository over a bundle give, for the address they are reached
// by. What speaks HTTP is whoever calls.
import { ChartferryError, isChartferryError } from '../errors.ts'
import type { ChartId } from '../helm/chart/chart.ts'
import type { ContentSource } from '../oci/content/content.ts'
import type { Descriptor } from '../oci/content/descriptor.ts'
import { canonicalReference, formatReference, type ImageReference, parseReference } from '../reference/reference.ts'
import { parseTarget } from '../reference/target.ts'
import type { Plan } from '../relocation/model/plan.ts'
import type { Bundle } from './bundle/read-bundle.ts'
import { type RelocatedFromBundle, relocateBundled } from './relocate-bundled.ts'

/** What can be asked of a bundle that is served. */
export interface ServedContent {
  /** A chart relocated to an address, `host[:port]`. Throws as `relocateBundled` does. */
  chart(id: ChartId, address: string): Promise<RelocatedFromBundle>
  /**
   * The repository of a name, which may hold several of the bundle; undefined where there is none. `namespace` is the
   * registry that the client of a mirror means. Default: this one. The same object each time.
   */
  repository(name: string, namespace?: string): ContentSource | undefined
}

/**
 * Opens the content of a bundle for serving: an image has the names that the plans of its charts give it, its path
 * where one image alone has it, `host/path`, and its path for a client that takes us for a mirror of its host. Throws
 * PLAN_INVALID.
 */
export async function serveContent(bundle: Bundle): Promise<ServedContent> {
  const plans: Plan[] = []
  for (const chart of bundle.contents.charts) {
    const plan = await bundle.plan(chart)
    if (plan !== undefined) plans.push(plan)
  }
  const names = namesOf(bundle, plans)
  const opened = new Map<string, ContentSource | undefined>()
  const open = (name: string): ContentSource | undefined => {
    const sources = [...(names.get(name) ?? [])].flatMap((repository) => bundle.repository(repository) ?? [])
    const [only] = sources
    return sources.length > 1 ? together(name, sources) : only
  }
  return {
    chart: (id, address) => relocateBundled(bundle, id, address),
    repository(name, namespace) {
      if (namespace !== undefined) return bundle.repository(`${namespace}/${name}`)
      if (!opened.has(name)) opened.set(name, open(name))
      return opened.get(name)
    },
  }
}

/** The repositories of a bundle by each name that they have. */
function namesOf(bundle: Bundle, plans: readonly Plan[]): ReadonlyMap<string, ReadonlySet<string>> {
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
  return names
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
