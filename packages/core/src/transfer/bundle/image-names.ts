// Which images a chart needs in its bundle, and the name that each has there.
import { canonicalReference, formatReference, tryParseReference } from '../../reference/reference.ts'
import type { Plan } from '../../relocation/model/plan.ts'
import { pinnedName } from '../copy-images.ts'

/** An image as a chart writes it. */
export interface UsedImage {
  readonly image: string
  /** Whether a rendering printed it. */
  readonly rendered: boolean
}

/**
 * The name in a bundle: host, path, and the tag, `latest` where neither tag nor digest is given. Undefined where the
 * text is no reference.
 */
export function imageName(text: string): string | undefined {
  const reference = tryParseReference(text)
  if (reference === undefined) return undefined
  const canonical = canonicalReference(reference)
  const isBare = canonical.tag === undefined && canonical.digest === undefined
  return formatReference(isBare ? { ...canonical, tag: 'latest' } : canonical)
}

/**
 * The images that a chart uses, those that cannot be moved among them, each once; by the digest that the relocated
 * chart names, where it names one.
 */
export function usedImages({ images, unresolved }: Plan): readonly UsedImage[] {
  const used = new Map<string, UsedImage>()
  const all = [...images.map(({ from, to, rendered }) => ({ image: pinnedName(from, to), rendered })), ...unresolved]
  for (const { image, rendered } of all) {
    const name = imageName(image)
    if (name === undefined) continue
    used.set(name, { image: used.get(name)?.image ?? image, rendered: rendered || used.get(name)?.rendered === true })
  }
  return [...used.values()]
}
