// Which images a chart needs in its bundle, and the name that each has there.
import { canonicalReference, formatReference, tryParseReference } from '../../reference/reference.ts'
import type { Plan, PlannedImage } from '../../relocation/model/plan.ts'
import { pinnedName } from '../copy-images.ts'

/** An image as a chart writes it, and when it runs. */
export type UsedImage = Pick<PlannedImage, 'rendered' | 'when'> & { readonly image: string }

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
  const all = [...images.map(({ from, to, ...use }) => ({ image: pinnedName(from, to), ...use })), ...unresolved]
  for (const { image, rendered, when } of all as readonly UsedImage[]) {
    const name = imageName(image)
    if (name === undefined) continue
    const known = used.get(name)
    const first = known?.when === 'always' ? known.when : (when ?? known?.when)
    used.set(name, {
      image: known?.image ?? image,
      rendered: rendered || known?.rendered === true,
      ...(first === undefined ? {} : { when: first }),
    })
  }
  return [...used.values()]
}
