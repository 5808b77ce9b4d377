// THE VERB `relocate` for plain manifests and kustomizations: their texts with new names, and the proof that nothing
// else is different.
import { ChartferryError } from '../../errors.ts'
import type { ScalarEdit } from '../../helm/yaml/edit.ts'
import { formatPath } from '../../helm/yaml/path.ts'
import type { Naming } from '../../reference/naming.ts'
import { canonicalReference, formatReference, parseReference, tryParseReference } from '../../reference/reference.ts'
import { compareRenamed } from '../../relocation/verify/compare.ts'
import { findInStream } from './find-in-stream.ts'
import { isKustomizationFile, type Kustomization } from './kustomization.ts'
import { type KustomizeEffects, kustomizeEffects, nameIn } from './kustomize-effects.ts'
import type { ManifestFile } from './manifest-file.ts'
import { type RewrittenFile, rewriteFile } from './rewrite-file.ts'
import type { RenamedImage } from './rewrite-manifests.ts'

/** An image and its new name. */
export interface RunningImage {
  readonly from: string
  readonly to: string
  /** Each with its file: `web.yaml Deployment/web spec.template.spec.containers[0].image`. */
  readonly places: readonly string[]
}

export interface RelocatedManifests {
  /** All files, in their order; those without images as they were. */
  readonly files: readonly (ManifestFile & { readonly isChanged: boolean })[]
  /** What runs once kustomizations are built, each image once, sorted: to be copied. */
  readonly images: readonly RunningImage[]
  readonly renamed: readonly (RenamedImage & { readonly file: string })[]
  /** Images that stay elsewhere and should not, and what was not looked into, one sentence each. */
  readonly left: readonly string[]
  /** What a person should know and that stops nothing. */
  readonly remarks: readonly string[]
}

const asItIs: Pick<Naming, 'rename'> = { rename: (reference) => reference }

/** The images of manifests, as they run: kustomizations applied. */
export function imagesInFiles(files: readonly ManifestFile[]): Pick<RelocatedManifests, 'images' | 'left' | 'remarks'> {
  return relocateManifests(files, asItIs)
}

/**
 * Renames the images of manifests, patches and kustomizations in their texts. With a whole naming the result is proven:
 * VERIFICATION_FAILED where documents differ in anything else. Throws IMAGE_DENIED by a rule, REFERENCE_INVALID.
 */
export function relocateManifests(
  files: readonly ManifestFile[],
  naming: Pick<Naming, 'rename'> | Naming,
): RelocatedManifests {
  const found = files.map((file) => ({ file, ...rewriteFile(file, asItIs, { keeps: () => false }) }))
  const effects = kustomizeEffects(files)
  const uses = found.flatMap(({ file, images }) =>
    images.map((image) => ({
      file: file.path,
      image,
      builds: image.isPodImage
        ? effects.buildsOf(file.path, image.reference)
        : [{ reference: image.reference, isRenamed: false }],
    })),
  )
  const standIns = standInsOf(uses)
  const keeps = ({ isPodImage, reference }: { readonly isPodImage: boolean; readonly reference: string }): boolean =>
    isPodImage && standIns.has(nameIn(reference))
  const newName = (name: string): string => nameIn(renamed(name, naming))
  const unclear: string[] = []
  const rewritten = found.map(({ file }): ManifestFile & RewrittenFile => {
    const kustomization = effects.kustomizations.find(({ path }) => path === file.path)
    const entries =
      kustomization === undefined
        ? []
        : entryEdits(kustomization, effects, { standIns, newName, tell: (line) => unclear.push(line) })
    return { path: file.path, ...rewriteFile(file, naming, { keeps, entries }) }
  })
  const left = [...effects.elsewhere, ...unclear, ...rewritten.flatMap((file) => file.left.map(inFile(file.path)))]
  const wrong = 'target' in naming ? wrongBuilds(uses, rewritten, naming) : []
  if ('target' in naming) prove(files, rewritten, naming)
  return {
    files: rewritten.map(({ path, text }, index) => ({ path, text, isChanged: text !== files[index]?.text })),
    images: collect(
      [
        ...uses.flatMap(({ file, image, builds }) =>
          builds.map(({ reference }) => ({ reference, place: `${file} ${image.resource} ${image.path}` })),
        ),
        ...imagesOfEntries(effects),
      ],
      naming,
    ),
    renamed: rewritten.flatMap((file) => file.renamed.map((image) => ({ ...image, file: file.path }))),
    left: [...left, ...wrong],
    remarks: rewritten.flatMap((file) => file.remarks.map(inFile(file.path))),
  }
}

const inFile =
  (path: string) =>
  (line: string): string =>
    `${path}: ${line}`

function renamed(text: string, { rename }: Pick<Naming, 'rename'>): string {
  const parsed = tryParseReference(text)
  return parsed === undefined ? text : formatReference(rename(parsed))
}

interface Use {
  readonly file: string
  readonly image: {
    readonly reference: string
    readonly isPodImage: boolean
    readonly path: string
    readonly resource: string
  }
  readonly builds: readonly { readonly reference: string; readonly isRenamed: boolean }[]
}

/** Names that entries replace wherever they stand: nobody pulls them, and `kustomize edit set image` looks for them. */
function standInsOf(uses: readonly Use[]): ReadonlySet<string> {
  const names = Map.groupBy(
    uses.filter(({ image }) => image.isPodImage),
    ({ image }) => nameIn(image.reference),
  )
  return new Set(
    [...names].flatMap(([name, all]) =>
      all.every(({ builds }) => builds.every(({ isRenamed }) => isRenamed)) ? [name] : [],
    ),
  )
}

/** The new texts in `images:` of a kustomization: what an entry is for, and the name that it gives. */
function entryEdits(
  { path, images }: Kustomization,
  effects: KustomizeEffects,
  {
    standIns,
    newName,
    tell,
  }: {
    readonly standIns: ReadonlySet<string>
    readonly newName: (name: string) => string
    readonly tell: (line: string) => void
  },
): readonly ScalarEdit[] {
  return images.flatMap((entry, index): readonly ScalarEdit[] => {
    const edits: ScalarEdit[] = []
    const reaching = effects.namesAt(path, index)
    const targets = [...new Set(reaching.map((name) => (standIns.has(name) ? name : newName(name))))]
    const [target] = targets
    if (targets.length > 1)
      tell(`${path}: the entry for ${entry.name} is for ${reaching.join(' and ')}, which get different names`)
    else if (target !== undefined && reaching.some((name) => name !== target))
      edits.push({ path: ['images', index, 'name'], value: target })
    if (entry.newName !== undefined && newName(entry.newName) !== entry.newName)
      edits.push({ path: ['images', index, 'newName'], value: newName(entry.newName) })
    return edits
  })
}

/** Images that entries name whole, for bases that are not in the folder. */
function imagesOfEntries(effects: KustomizeEffects): readonly { readonly reference: string; readonly place: string }[] {
  return effects.kustomizations.flatMap(({ path, images }) =>
    images.flatMap(({ newName, newTag, digest }, index) => {
      const isWhole = newName !== undefined && (newTag ?? digest) !== undefined
      if (!isWhole || effects.namesAt(path, index).length > 0) return []
      const reference = `${newName}${newTag === undefined ? '' : `:${newTag}`}${digest === undefined ? '' : `@${digest}`}`
      return [{ reference, place: `${path} ${formatPath(['images', index])}` }]
    }),
  )
}

/** Where the relocated kustomizations would make something else than the new names of what they made before. */
function wrongBuilds(
  uses: readonly Use[],
  rewritten: readonly (ManifestFile & RewrittenFile)[],
  naming: Naming,
): readonly string[] {
  const effects = kustomizeEffects(rewritten)
  const before = Map.groupBy(uses, ({ file }) => file)
  return rewritten.flatMap((file) => {
    const after = rewriteFile(file, asItIs, { keeps: () => false }).images
    return (before.get(file.path) ?? []).flatMap(({ image, builds }, at) => {
      if (!image.isPodImage) return []
      // Both lists have the order of the text.
      const same = after[at]?.path === image.path ? after[at] : after.find(({ path }) => path === image.path)
      const made = effects.buildsOf(file.path, same?.reference ?? '').map(({ reference }) => reference)
      const wanted = builds.map(({ reference }) => renamed(reference, naming))
      if (made.every((each) => wanted.includes(each)) && wanted.every((each) => made.includes(each))) return []
      const place = `${file.path}: ${image.resource} ${image.path}`
      return [`${place}: kustomize would make ${made.join(', ')} of it, not ${wanted.join(', ')}`]
    })
  })
}

/** Throws VERIFICATION_FAILED where a document differs in anything but images under their names at the target. */
function prove(before: readonly ManifestFile[], after: readonly ManifestFile[], naming: Naming): void {
  const documents = (files: readonly ManifestFile[]) =>
    files.flatMap(({ path, text }) =>
      findInStream(text, () => false).map((piece) => ({ source: path, text: piece.text })),
    )
  const { different, unconfirmed } = compareRenamed(
    { documents: documents(before), volatile: [] },
    documents(after),
    naming,
  )
  const faults = [...different, ...unconfirmed].filter(
    ({ source, path, before: old, after: now }) =>
      !(
        isKustomizationFile(source) &&
        path[0] === 'images' &&
        typeof old === 'string' &&
        now === nameIn(renamed(old.replaceAll('\\', ''), naming))
      ),
  )
  if (faults.length === 0) return
  throw new ChartferryError(
    'VERIFICATION_FAILED',
    `nothing is written, since more than images would differ:\n${faults.map(({ source, path }) => `${source} ${formatPath(path)}`).join('\n')}`,
  )
}

function collect(
  found: readonly { readonly reference: string; readonly place: string }[],
  naming: Pick<Naming, 'rename'>,
): readonly RunningImage[] {
  const byName = Map.groupBy(
    found.filter(({ reference }) => tryParseReference(reference) !== undefined),
    ({ reference }) => formatReference(canonicalReference(parseReference(reference))),
  )
  return [...byName]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, [first, ...more]]) =>
      first === undefined
        ? []
        : [
            {
              from: first.reference,
              to: renamed(first.reference, naming),
              places: [first, ...more].map(({ place }) => place),
            },
          ],
    )
}
