// Finds images in values files by the conventions of the field: maps of registry, repository, tag and digest, and whole
// references.
import type { Chart } from '../../../helm/chart/chart.ts'
import { type ChartLeaves, type Leaf, placeKey } from '../../../helm/chart/leaves.ts'
import { tryParseReference } from '../../../reference/reference.ts'
import type { ImageFinder, LeafRole, WrittenUse } from '../image-use.ts'

/** The keys that charts use for each part, the most telling first. */
const keysOf: Readonly<Record<Exclude<LeafRole, 'reference'>, readonly string[]>> = {
  registry: ['registry', 'imageRegistry', 'dockerRegistry', 'hub'],
  repository: ['repository', 'imageRepository', 'repo', 'image', 'imageName', 'name'],
  tag: ['tag', 'imageTag', 'version'],
  digest: ['digest', 'imageDigest', 'sha'],
}
const imageKey = /image$/i
const imagesKey = /images$/i
/** What holds the address of something that is no image. */
const addressKey = /(?:url|uri|host|address|endpoint|server)s?$/i

/** Finds images in the values files of a chart and its subcharts. */
export const valuesFinder: ImageFinder = {
  name: 'values',
  find: findInValues,
}

function* findInValues(_chart: Chart, { all: leaves }: ChartLeaves): Iterable<WrittenUse> {
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
  const groups = Map.groupBy(leaves, (leaf) => placeKey(leaf.file, leaf.path.slice(0, -1)))
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
      ? (has('registry') && has('tag')) || (isNamed && repository.text.includes('/') && (has('tag') || has('digest')))
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
  const name = key === 'repository' ? joinedName(repository, siblings) : repository.text
  return { kind: 'written', reference: compose(registry?.text, name, tag?.text, digest?.text), leaves }
}

/** A repository with the short image beside it, which is the last part of its name. */
function joinedName({ text }: Leaf, siblings: readonly Leaf[]): string {
  const image = siblings.find(({ path, isString }) => path.at(-1) === 'image' && isString)?.text ?? ''
  return /^[a-z0-9][a-z0-9._-]*$/.test(image) ? `${text}/${image}` : text
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

/**
 * A whole reference: where a key says so, below `images` where it begins with a registry, and anywhere where a tag or a
 * digest ends it, too.
 */
function holdsReference({ path, text }: Leaf): boolean {
  if (!/[/:]/.test(text) || !isNameLike(text)) return false
  const last = path.at(-1)
  const key = typeof last === 'number' ? path.at(-2) : last
  if ((typeof last === 'number' ? imagesKey : imageKey).test(String(key))) return true
  const { host = '', tag, digest } = tryParseReference(text) ?? {}
  if (!/\.[a-z]{2,}(?::\d+)?$/i.test(host) || addressKey.test(String(key))) return false
  return imagesKey.test(String(path.at(-2))) || tag !== undefined || digest !== undefined
}
