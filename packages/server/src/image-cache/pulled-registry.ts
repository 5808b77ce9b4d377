// The registries that images are pulled through from, as one: the first part of a name says which.
import { ChartferryError } from '@chartferry/core'
import type { Caller } from '../auth/access.ts'
import type { ServedContent, ServedRegistry, ServedRepository } from '../registry/served.ts'
import type { CacheState } from '../repository/chart-repository.ts'
import type { ImageUpstream } from './image-upstream.ts'
import { type PulledRepository, type PulledRepositoryOptions, pulledRepository } from './pulled-repository.ts'

export interface PulledRegistryOptions extends Omit<PulledRepositoryOptions, 'upstream'> {
  readonly upstreams: ReadonlyMap<string, ImageUpstream>
  /** Whether a caller may pull from a path of a registry, as far as rules about paths go. */
  /** Told of each answer, and of the bytes that go out with it. */
  readonly onAnswer: (registry: string, kind: 'manifest' | 'blob', cache: CacheState) => void
  readonly onBytes: (registry: string, cache: CacheState, bytes: number) => void
  readonly mayPull: (registry: string, path: string, caller: Caller | undefined) => boolean
}

export interface PulledRegistry extends ServedRegistry {
  /** The repository of a name, for work of our own; undefined where its registry is not pulled through. */
  pulled(name: string): PulledRepository | undefined
}

/** Throws FORBIDDEN for a path that may not be pulled. */
export function pulledRegistry({
  upstreams,
  mayPull,
  onAnswer,
  onBytes,
  ...options
}: PulledRegistryOptions): PulledRegistry {
  function open(
    name: string,
  ): { readonly repository: PulledRepository; readonly registry: string; readonly path: string } | undefined {
    const at = name.indexOf('/')
    const [registry, path] = [name.slice(0, at), name.slice(at + 1)]
    const upstream = upstreams.get(registry)
    if (upstream === undefined || at < 0) return undefined
    if (!upstream.isAllowed(path))
      throw new ChartferryError('FORBIDDEN', `${name} may not be pulled through here`, {
        hint: `\`allow\` and \`deny\` of images.registries.${registry} say what may.`,
      })
    return { registry, path, repository: pulledRepository({ registry, path }, { ...options, upstream }) }
  }
  function counted(repository: PulledRepository, registry: string): ServedRepository {
    const count = (kind: 'manifest' | 'blob', content: ServedContent | undefined): ServedContent | undefined => {
      const cache = content?.cache
      if (content === undefined || cache === undefined) return content
      onAnswer(registry, kind, cache)
      return {
        ...content,
        open: (range) => {
          onBytes(registry, cache, range === undefined ? content.size : range.end - range.start + 1)
          return content.open(range)
        },
      }
    }
    return {
      ...repository,
      manifest: async (reference) => count('manifest', await repository.manifest(reference)),
      blob: async (digest) => count('blob', await repository.blob(digest)),
    }
  }

  return {
    pulled: (name) => open(name)?.repository,
    repository: (name, { caller }) => {
      const found = open(name)
      if (found === undefined) return undefined
      if (!mayPull(found.registry, found.path, caller))
        throw new ChartferryError('FORBIDDEN', `the rules do not allow to pull ${name}`, {
          hint: 'Ask whoever runs the server; `paths` of the registry in its configuration says who may pull what.',
        })
      return counted(found.repository, found.registry)
    },
  }
}
