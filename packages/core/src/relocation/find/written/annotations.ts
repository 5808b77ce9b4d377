// Finds images that Chart.yaml names in annotations, and lists of images beside it: what other tools copy by.

import { isChartferryError } from '../../../errors.ts'
import type { Chart } from '../../../helm/chart/chart.ts'
import { decodeExactly, lineCounter } from '../../../helm/chart/chart-file.ts'
import { parseYaml } from '../../../helm/yaml/parse.ts'
import { readScalars, type Scalar } from '../../../helm/yaml/scalars.ts'
import { tryParseReference } from '../../../reference/reference.ts'
import type { ImageFinder, NamedUse } from '../image-use.ts'

/** Annotations whose value is a list of images, in YAML: of Artifact Hub, of Bitnami, of Helm's users. */
const listAnnotations: ReadonlySet<string> = new Set(['artifacthub.io/images', 'images', 'helm.sh/images'])

/** Finds images in Chart.yaml's annotations and in Images.lock, of the chart and its subcharts. */
export const annotationsFinder: ImageFinder = {
  name: 'annotations',
  find: findNamed,
}

function* findNamed(chart: Chart): Iterable<NamedUse> {
  for (const { file, text, scalars } of readable(chart, 'Chart.yaml')) {
    for (const scalar of scalars) {
      const [key, annotation] = scalar.path
      if (key !== 'annotations' || scalar.path.length !== 2 || !listAnnotations.has(String(annotation))) continue
      yield* namedIn(file, text, scalar, imagesOf(scalar.text, file))
    }
  }
  for (const { file, text, scalars } of readable(chart, 'Images.lock')) {
    for (const scalar of scalars) if (isListed(scalar)) yield* namedIn(file, text, scalar, [scalar.text])
  }
  for (const subchart of chart.subcharts) yield* findNamed(subchart)
}

const isListed = ({ path }: Scalar): boolean => path[0] === 'images' && path.length === 3 && path[2] === 'image'

interface ReadableFile {
  readonly file: string
  /** Without a byte order mark. */
  readonly text: string
  readonly scalars: readonly Scalar[]
}

/** A file of the chart as scalars; none where it is missing or no YAML. */
function readable(chart: Chart, path: string): readonly ReadableFile[] {
  const bytes = chart.files.get(path)
  const text = bytes === undefined ? undefined : decodeExactly(bytes)?.replace(/^\uFEFF/, '')
  const file = chart.address + path
  return text === undefined ? [] : unlessInvalid(() => [{ file, text, scalars: readScalars(text, { where: file }) }])
}

/** The images of an annotation: a list of maps with `image`, or of references. */
function imagesOf(text: string, where: string): readonly string[] {
  const list = unlessInvalid(() => [parseYaml(text, { where })]).flat()
  return list.flatMap((item) => {
    const image = typeof item === 'object' && item !== null && 'image' in item ? item.image : item
    return typeof image === 'string' && /[/:]/.test(image) && tryParseReference(image) !== undefined ? [image] : []
  })
}

function unlessInvalid<Item>(read: () => readonly Item[]): readonly Item[] {
  try {
    return read()
  } catch (error) {
    if (isChartferryError(error, 'YAML_INVALID')) return []
    throw error
  }
}

/** Each image where it stands in the token of its scalar, one after the other. */
function* namedIn(file: string, text: string, { start, end }: Scalar, images: readonly string[]): Iterable<NamedUse> {
  const lines = lineCounter(text)
  let from = start
  for (const reference of images) {
    const offset = text.indexOf(reference, from)
    if (offset < 0 || offset + reference.length > end) continue
    from = offset + reference.length
    yield { kind: 'named', reference, file, line: lines(offset), offset }
  }
}
