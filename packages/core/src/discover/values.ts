// Finds images in values files by the conventions of the field: maps of registry, repository, tag and digest, and whole references.
import type { Chart } from '../chart/chart.ts'
import { tryParseReference } from '../image/reference.ts'
import type { ImageFinder, LeafRole, WrittenUse } from './image-use.ts'
import { type Leaf, readLeaves } from './leaf.ts'

/** The keys that charts use for each part, the most telling first. */
const keysOf: Readonly<Record<Exclude<LeafRole, 'reference'>, readonly string[]>> = {
  registry: ['registry', 'imageRegistry', 'dockerRegistry', 'hub'],
  repository: ['repository', 'imageRepository', 'repo', 'image', 'imageName', 'name'],
  tag: ['tag', 'imageTag', 'version'],
  digest: ['digest', 'imageDigest', 'sha'],
}
const imageKey = /image$/i
const imagesKey = /images$/i

/** Finds images in the values files of a chart and its subcharts. */
export const valuesFinder: ImageFinder = {
  name: 'values',
  find: findInValues,
}

function* findInValues(chart: Chart): Iterable<WrittenUse> {
  const leaves = readLeaves(chart)
  const taken = new Set<Leaf>()
  for (const siblings of groupByParent(leaves)) {
    const use = composedUse(siblings)
    if (use === undefined) continue
    for (const { leaf } of use.leaves) taken.add(leaf)
    yield use
  }
  for (const leaf of leaves) {
    if (!taken.has(leaf) && leaf.isString && holdsReference(leaf)) {
      yield { kind: 'written', reference: leaf.text, leaves: [{ role: 'reference', leaf }] }
    }
  }
}

function groupByParent(leaves: readonly Leaf[]): Iterable<readonly Leaf[]> {
  const groups = Map.groupBy(leaves, (leaf) => JSON.stringify([leaf.file, leaf.path.slice(0, -1)]))
  return groups.values()
}

/** The image that a map composes, or undefined where it is not one. */
function composedUse(siblings: readonly Leaf[]): WrittenUse | undefined {
  const find = (role: Exclude<LeafRole, 'reference'>): Leaf | undefined => {
    for (const key of keysOf[role]) {
      const leaf = siblings.find(
        ({ path, text }) => path.at(-1) === key && text !== '' && text !== 'null' && text !== '~',
      )
      if (leaf !== undefined) return leaf
    }
    return undefined
  }
  const registry = find('registry')
  const repository = find('repository')
  const tag = find('tag')
  const digest = find('digest')
  if (repository === undefined || !repository.isString) return undefined
  const has = (role: Exclude<LeafRole, 'reference'>): boolean =>
    siblings.some(({ path }) => keysOf[role].includes(String(path.at(-1))))
  const key = repository.path.at(-1)
  const isNamed = imageKey.test(String(repository.path.at(-2) ?? ''))
  // A `name`, and an `image` beside nothing else, occur in many maps: they need company to count as a repository.
  const isPart =
    key === 'name' || key === 'imageName'
      ? has('registry') && has('tag')
      : key === 'image'
        ? has('registry') || has('tag')
        : has('tag') || has('registry') || has('digest') || isNamed
  if (!isPart || !isNameLike(repository.text)) return undefined
  const leaves = [
    { role: 'registry' as const, leaf: registry },
    { role: 'repository' as const, leaf: repository },
    { role: 'tag' as const, leaf: tag },
    { role: 'digest' as const, leaf: digest },
  ].flatMap(({ role, leaf }) => (leaf === undefined ? [] : [{ role, leaf }]))
  return { kind: 'written', reference: compose(registry?.text, repository.text, tag?.text, digest?.text), leaves }
}

function compose(
  registry: string | undefined,
  repository: string,
  tag: string | undefined,
  digest: string | undefined,
): string {
  const name = registry === undefined ? repository : `${registry.replace(/\/+$/, '')}/${repository}`
  const hash = digest === undefined ? '' : `@${digest.includes(':') ? digest : `sha256:${digest}`}`
  const tagged = tag === undefined || tryParseReference(name)?.tag !== undefined ? name : `${name}:${tag}`
  return tagged + hash
}

const isNameLike = (text: string): boolean => !text.includes('://') && tryParseReference(text) !== undefined

function holdsReference(leaf: Leaf): boolean {
  const last = leaf.path.at(-1)
  const key = typeof last === 'number' ? leaf.path.at(-2) : last
  const named = typeof last === 'number' ? imagesKey.test(String(key)) : imageKey.test(String(key))
  return named && /[/:]/.test(leaf.text) && isNameLike(leaf.text)
}
