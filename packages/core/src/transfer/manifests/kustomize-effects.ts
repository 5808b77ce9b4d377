// What the kustomizations of a folder make of the images of its files, entry by entry, as `kustomize build` would.
import { applyEntry, fitsEntry, isKustomizationFile, type Kustomization, readKustomization } from './kustomization.ts'
import type { ManifestFile } from './manifest-file.ts'

/** What becomes of an image in one way of building it. */
export interface BuiltImage {
  readonly reference: string
  /** Whether an entry gave it another name: then the one that is written is a stand-in. */
  readonly isRenamed: boolean
}

export interface KustomizeEffects {
  readonly kustomizations: readonly Kustomization[]
  /** What becomes of a container's image in a file, each result once; the image itself where nothing takes the file in. */
  readonly buildsOf: (path: string, image: string) => readonly BuiltImage[]
  /** The names, as they reach it, that an entry was for in all that `buildsOf` was asked. */
  readonly namesAt: (path: string, index: number) => readonly string[]
  /** What is taken in from where nobody looks, one sentence each. */
  readonly elsewhere: readonly string[]
}

/** A reference without tag and digest, spelled as it is. */
export const nameIn = (reference: string): string => reference.replace(/@.*$/, '').replace(/:[^/:]*$/, '')

/** Reads the kustomizations among the files. */
export function kustomizeEffects(files: readonly ManifestFile[]): KustomizeEffects {
  const kustomizations = files
    .filter(({ path }) => isKustomizationFile(path))
    .map(({ path, text }) => readKustomization(path, text))
  const byFolder = new Map(kustomizations.map((each) => [each.folder, each]))
  const paths = new Set(files.map(({ path }) => path))
  const reached = new Map<string, Set<string>>()

  const applyAll = (image: BuiltImage, { path, images, components }: Kustomization, above: number): BuiltImage => {
    const behind = components.reduce((each, folder) => {
      const component = byFolder.get(folder)
      return component === undefined || above > mostDepth ? each : applyAll(each, component, above + 1)
    }, image)
    return images.reduce((each, entry, index) => {
      if (!fitsEntry(entry, each.reference)) return each
      const place = placeOf(path, index)
      reached.set(place, (reached.get(place) ?? new Set()).add(nameIn(each.reference)))
      return {
        reference: applyEntry(each.reference, entry),
        isRenamed: each.isRenamed || entry.newName !== undefined,
      }
    }, behind)
  }

  /** From a kustomization up to those that nothing takes in. */
  const buildUp = (image: BuiltImage, from: Kustomization, above: number): readonly BuiltImage[] => {
    const including = kustomizations.filter(({ components }) => components.includes(from.folder))
    const taking = kustomizations.filter(({ takes }) => takes.includes(from.folder) || takes.includes(from.path))
    // What includes a component applies its entries, to what the component brings as well.
    const built = including.length > 0 ? image : applyAll(image, from, 0)
    const next = [...including, ...taking].filter((each) => each !== from)
    if (next.length === 0 || above > mostDepth) return [built]
    return distinct(next.flatMap((each) => buildUp(built, each, above + 1)))
  }

  return {
    kustomizations,
    buildsOf(path, reference) {
      const image = { reference, isRenamed: false }
      const own = kustomizations.filter((each) => each.path === path)
      const takers = own.length > 0 ? own : kustomizations.filter(({ takes }) => takes.includes(path))
      return takers.length === 0 ? [image] : distinct(takers.flatMap((each) => buildUp(image, each, 0)))
    },
    namesAt: (path, index) => [...(reached.get(placeOf(path, index)) ?? [])],
    elsewhere: kustomizations.flatMap(({ path, takes, components, elsewhere }) => [
      ...elsewhere,
      ...[...takes, ...components]
        .filter((name) => !paths.has(name) && !byFolder.has(name))
        .map((name) => `${path}: ${name} is not in this folder`),
    ]),
  }
}

/** Kustomizations above each other; a circle ends here, and kustomize refuses it. */
const mostDepth = 32

const placeOf = (path: string, index: number): string => `${index} ${path}`

function distinct(images: readonly BuiltImage[]): readonly BuiltImage[] {
  return [...new Map(images.map((image) => [`${image.isRenamed} ${image.reference}`, image])).values()]
}
