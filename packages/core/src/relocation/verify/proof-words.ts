// A proof in words, the same wherever people read it.
import { count } from '../../count.ts'
import { firstLine, type ImageProof, type Proof } from './proof.ts'

const verdicts = {
  proven: 'proven',
  'proven-in-part': 'proven in part',
  unverified: 'unverified',
  refuted: 'refuted',
} as const

/** `proven in part by helm v3.22.0 with made-up clusterName=example`; `unverified`, where nothing was rendered. */
export function verdictOf({
  status,
  renderer,
  madeUp = [],
}: Pick<Proof, 'status' | 'renderer'> & { readonly madeUp?: readonly string[] | undefined }): string {
  const by = renderer === undefined ? '' : ` by ${renderer}`
  return `${verdicts[status]}${by}${madeUp.length === 0 ? '' : ` with made-up ${madeUp.join(', ')}`}`
}

/**
 * What became of the images: `4 images moved, 5 written only, 0 left`. Empty where nothing was rendered: then nothing is
 * known of them.
 */
export function countsOfProof({ status, images, moved, kept, notMoved }: Proof): string {
  if (status === 'unverified') return ''
  const written = images.filter(({ renderer }) => renderer === undefined).length
  return [
    `${count(moved, 'image')} moved`,
    ...(written > 0 ? [`${written} written only`] : []),
    `${notMoved.length} left`,
    ...(kept > 0 ? [`${kept} kept by a rule`] : []),
  ].join(', ')
}

/** What the images are proven by, in a sentence: `9 of 16 by helm v3.22.0; 2 written only, moved by convention`. */
export function coverageOf({ images, renderer, refused }: Pick<Proof, 'images' | 'renderer' | 'refused'>): string {
  const by = Map.groupBy(images, (image) => image.renderer ?? '')
  const own = by.get(renderer ?? '')?.length ?? 0
  const others = [...by].filter(([name]) => name !== '' && name !== renderer)
  const written = by.get('')?.length ?? 0
  const [first] = refused
  const why = first === undefined ? '' : `, which ${renderer} refused: ${firstLine(first.reason)}`
  return [
    ...(renderer === undefined ? [] : [`${own} of ${images.length} images by ${renderer}`]),
    ...others.map(([name, list]) => `${list.length} by the ${name} with ${scenariosOf(list)}${why}`),
    ...(written > 0 ? [`${written} written only, moved by convention`] : []),
  ].join('; ')
}

const scenariosOf = (images: readonly ImageProof[]): string =>
  [...new Set(images.map(({ scenarios }) => scenarios[0] ?? ''))].join(', ')
