// Images by repository: most tools rename repositories and know nothing of single tags.
import {
  canonicalReference,
  dockerHub,
  formatReference,
  type ImageReference,
  parseReference,
} from '../../reference/reference.ts'
import type { EmittedImage } from './emission.ts'

/** A repository: host and path, `library/` and `docker.io` written out. */
export interface RepositoryName {
  readonly host: string
  readonly path: string
}

/** An image that moves with its repository. */
export interface MovedImage {
  readonly from: ImageReference
  readonly to: ImageReference
}

/** A repository whose images all get one new name. */
export interface RepositoryMove {
  readonly from: RepositoryName
  readonly to: RepositoryName
  readonly images: readonly MovedImage[]
}

export interface RepositoryMoves {
  readonly moves: readonly RepositoryMove[]
  /** Images of one repository that go to several, one sentence each. */
  readonly notExpressed: readonly string[]
}

/** The repositories that move, in the order of their names; what stays where it is is left out. Throws REFERENCE_INVALID. */
export function repositoryMoves(images: readonly EmittedImage[]): RepositoryMoves {
  const moved = images
    .map(({ from, to }) => ({
      from: canonicalReference(parseReference(from)),
      to: canonicalReference(parseReference(to)),
    }))
    .filter(({ from, to }) => formatReference(from) !== formatReference(to))
  const moves: RepositoryMove[] = []
  const notExpressed: string[] = []
  for (const [name, group] of Map.groupBy(moved, ({ from }) => nameOf(from))) {
    const targets = new Set(group.map(({ to }) => nameOf(to)))
    const [first] = group
    if (targets.size === 1 && first !== undefined)
      moves.push({ from: repositoryOf(first.from), to: repositoryOf(first.to), images: group })
    else
      notExpressed.push(
        `${name}: its tags go to ${[...targets].sort().join(' and ')}, and only repositories can be renamed`,
      )
  }
  return {
    moves: moves.sort((a, b) => (nameOf(a.from) < nameOf(b.from) ? -1 : 1)),
    notExpressed,
  }
}

/** `host/path`. */
export function nameOf({ host, path }: RepositoryName): string {
  return `${host}/${path}`
}

const repositoryOf = ({ host, path }: RepositoryName): RepositoryName => ({ host, path })

/**
 * Every way in which manifests spell the name of a repository: of Docker Hub six or three, elsewhere one. The short
 * forms come first.
 */
export function spellingsOf({ host, path }: RepositoryName): readonly string[] {
  if (host !== dockerHub) return [`${host}/${path}`]
  const short = path.startsWith('library/') && !path.slice('library/'.length).includes('/') ? [path.slice(8)] : []
  const paths = [...short, path]
  return ['', `${dockerHub}/`, 'index.docker.io/'].flatMap((before) => paths.map((name) => `${before}${name}`))
}
