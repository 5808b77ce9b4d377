// The list `images:` of a kustomization: names as kustomize matches and replaces them.
import { ChartferryError } from '../../errors.ts'
import { formatReference } from '../../reference/reference.ts'
import type { EmittedImage } from './emission.ts'
import { escapeExpression } from './registries-yaml.ts'
import { nameOf, type RepositoryMove, repositoryMoves, spellingsOf } from './repository-moves.ts'

/** One entry of `images:`. */
export interface KustomizeImage {
  /** A regular expression that the whole name has to fit. */
  readonly name: string
  readonly newName: string
  /** Written only where the tag or digest changes; where both are, kustomize writes both. */
  readonly newTag?: string
  readonly digest?: string
}

export interface KustomizeImages {
  readonly images: readonly KustomizeImage[]
  readonly notExpressed: readonly string[]
}

/**
 * An entry for each spelling of each repository that moves. Entries are applied one after the other to what the ones
 * before made of a name: so they are put in an order in which no new name is taken for an old one. Throws
 * NOT_EXPRESSED where there is none, REFERENCE_INVALID.
 */
export function kustomizeImages(images: readonly EmittedImage[]): KustomizeImages {
  const { moves, notExpressed } = repositoryMoves(images)
  const pinned = moves.map((move) => ({ move, change: changeOf(move) }))
  return {
    images: inOrder(moves).flatMap((move) => {
      const change = pinned.find((known) => known.move === move)?.change
      return spellingsOf(move.from).map((name) => ({
        name: escapeExpression(name),
        newName: nameOf(move.to),
        ...(change === 'none' || change === undefined ? {} : change),
      }))
    }),
    notExpressed: [
      ...notExpressed,
      ...pinned.flatMap(({ move, change }) =>
        change === undefined
          ? [
              `${nameOf(move.from)}: its tags get several new tags or digests, and kustomize writes one for a repository`,
            ]
          : [],
      ),
      ...placesNotReached(images),
    ],
  }
}

/** What an entry says of tag and digest; undefined where it would have to say different things. */
function changeOf({ images }: RepositoryMove): Pick<KustomizeImage, 'newTag' | 'digest'> | 'none' | undefined {
  if (images.every(({ from, to }) => from.tag === to.tag && from.digest === to.digest)) return 'none'
  const texts = new Set(images.map(({ to }) => formatReference(to)))
  const tag = images[0]?.to.tag
  const digest = images[0]?.to.digest
  if (texts.size > 1) return undefined
  return { ...(tag === undefined ? {} : { newTag: tag }), ...(digest === undefined ? {} : { digest }) }
}

/** Whose old name is another one's new name comes first. */
function inOrder(moves: readonly RepositoryMove[]): readonly RepositoryMove[] {
  const byName = new Map(moves.map((move) => [nameOf(move.from), move]))
  const ordered = new Set<RepositoryMove>()
  const visit = (move: RepositoryMove, above: readonly RepositoryMove[]): void => {
    if (ordered.has(move)) return
    if (above.includes(move)) {
      const circle = [...above.slice(above.indexOf(move)), move].map(({ from }) => nameOf(from)).join(' → ')
      throw new ChartferryError('NOT_EXPRESSED', `kustomize cannot rename in a circle: ${circle}`, {
        hint: 'Give one of them another name at the target.',
      })
    }
    const next = byName.get(nameOf(move.to))
    if (next !== undefined && next !== move) visit(next, [...above, move])
    ordered.add(move)
  }
  for (const move of moves) visit(move, [])
  return [...ordered]
}

/** Where kustomize looks: containers at any depth, and volumes that are images (kustomize api/konfig/builtinpluginconsts). */
const reached = /(^|[ .\]])((containers|initContainers)\[\d+\]\.image|volumes\[\d+\]\.image\.reference)$/

function placesNotReached(images: readonly EmittedImage[]): readonly string[] {
  return images
    .filter(({ from, to }) => from !== to)
    .flatMap(({ from, places = [] }) =>
      [...new Set(places.filter((place) => !reached.test(place)))].map(
        (place) => `${from}: kustomize does not look into ${place}`,
      ),
    )
}
