// PORT: the image repositories that are here, pushed or pulled through, as people look at them.
import type { Caller } from '../auth/access.ts'
import type { PlatformImage } from './describe-manifest.ts'

/** One tag of an image repository. */
export interface CatalogTag {
  readonly tag: string
  readonly digest: string
}

/** What is known of an image by its digest. */
export interface CatalogImage {
  readonly platforms: readonly PlatformImage[]
  /** Milliseconds since 1970: when it was pushed. Absent for one that was pulled through. */
  readonly pushedAt?: number
  /** Milliseconds since 1970, to an hour; absent where nobody has pulled it. */
  readonly pulledAt?: number
}

/** What is here of an image that a chart names. */
export interface ImageFacts {
  /** Of its repository here: `docker.io/library/nginx`. */
  readonly name: string
  readonly platforms: readonly string[]
  /** Bytes of the largest platform whose size is known. */
  readonly size?: number
}

export interface ImageCatalog {
  /** The first parts of names: hosted repositories, and registries that are pulled through. */
  readonly owners: readonly { readonly name: string; readonly kind: 'pushed' | 'pulled through' }[]
  /** The names of an owner's image repositories, as they come. */
  names(owner: string): AsyncIterable<string>
  /** Whether rules about paths let a caller see it; rules about the owner are asked elsewhere. */
  mayPull(name: string, caller: Caller): boolean
  /** The tags of a repository in the order of their names; undefined where there is none of the name. */
  tags(name: string): Promise<readonly CatalogTag[] | undefined>
  /** Asks no registry: what was never pulled is not known. */
  describe(name: string, digest: string): Promise<CatalogImage>
  /** Undefined where it is not here. Asks no registry. */
  find(reference: string): Promise<ImageFacts | undefined>
}

/** Several catalogs as one; each owner is in one of them. */
export function joinCatalogs(catalogs: readonly ImageCatalog[]): ImageCatalog {
  const of = (name: string): ImageCatalog | undefined => {
    const [owner = ''] = name.split('/')
    return catalogs.find(({ owners }) => owners.some((one) => one.name === owner))
  }
  return {
    owners: catalogs.flatMap(({ owners }) => owners),
    async *names(owner) {
      const catalog = of(owner)
      if (catalog !== undefined) yield* catalog.names(owner)
    },
    mayPull: (name, caller) => of(name)?.mayPull(name, caller) ?? false,
    tags: async (name) => of(name)?.tags(name),
    describe: async (name, digest) => (await of(name)?.describe(name, digest)) ?? { platforms: [] },
    find: async (reference) => {
      for (const catalog of catalogs) {
        const found = await catalog.find(reference)
        if (found !== undefined) return found
      }
      return undefined
    },
  }
}

/** What platforms say of an image in short. */
export function factsOf(name: string, platforms: readonly PlatformImage[]): ImageFacts {
  const sizes = platforms.flatMap(({ size }) => (size === undefined ? [] : [size]))
  return {
    name,
    platforms: platforms.map(({ platform }) => platform).filter((platform) => platform !== ''),
    ...(sizes.length === 0 ? {} : { size: Math.max(...sizes) }),
  }
}
