// The images that files for other tools are written for: those of charts and plans, and those that are named.
import {
  ChartferryError,
  listImages,
  type Naming,
  namingByRules,
  parseMode,
  parseRules,
  parseTarget,
} from '@chartferry/core'
import { formatPath } from '@chartferry/core/helm'
import { canonicalReference, formatReference, namingOf, parseReference } from '@chartferry/core/oci'
import type { EmittedImage } from '@chartferry/core/transfer'
import { type ChartOptions, readRenderValues, renderOptions } from './chart-options.ts'
import { readChart } from './chart-source.ts'
import { type Names, pairsOf, readImageList, readPlanImages } from './image-list.ts'
import { readText } from './read-text.ts'

/** What these flags give. */
export interface EmittedImagesOptions extends ChartOptions {
  readonly to?: string
  readonly mode?: string
  readonly rules?: string
  readonly image: readonly string[]
  readonly imageList?: string
  readonly plan?: string
}

/** The names at the target of `--to`, by the rules. Throws USAGE where nothing says where images go, RULE_INVALID. */
export async function emittedNames({
  to,
  mode,
  rules,
}: Pick<EmittedImagesOptions, 'to' | 'mode' | 'rules'>): Promise<Naming> {
  if (to === undefined)
    throw new ChartferryError('USAGE', 'the registry that the images move to is missing', {
      hint: 'Give it with --to.',
    })
  const list = rules === undefined ? [] : parseRules(await readText(rules, 'rules file'), rules)
  return namingByRules(list, namingOf(parseTarget(to), parseMode(mode)))
}

/**
 * Each image once, sorted, with the places where charts render it. Throws as `emittedNames`, `readChart` and
 * `listImages` do, IMAGE_DENIED by a rule, PLAN_INVALID.
 */
export async function emittedImages(
  charts: readonly string[],
  options: EmittedImagesOptions,
  signal: AbortSignal,
): Promise<readonly EmittedImage[]> {
  const { plan, image, imageList: images } = options
  const names = plan !== undefined && options.to === undefined ? undefined : await emittedNames(options)
  const naming = names === undefined ? undefined : { ...namingOf(parseTarget(options.to ?? ''), 'path'), ...names }
  const found: EmittedImage[] = [
    ...pairsOf(image, names),
    ...(images === undefined ? [] : await readImageList(images, names)),
    ...(plan === undefined ? [] : await readPlanImages(plan, naming)),
  ]
  if (plan === undefined)
    for (const chart of charts) found.push(...(await chartImages(chart, options, await emittedNames(options), signal)))
  if (found.length === 0 && charts.length === 0 && plan === undefined)
    throw new ChartferryError('USAGE', 'there are no images to write of', {
      hint: 'Name charts, or give --plan, --image or --images.',
    })
  const byName = Map.groupBy(found, ({ from }) => formatReference(canonicalReference(parseReference(from))))
  return [...byName]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, [first, ...others]]) =>
      first === undefined
        ? []
        : [{ from: first.from, to: first.to, places: [first, ...others].flatMap(({ places = [] }) => places) }],
    )
}

async function chartImages(
  argument: string,
  options: EmittedImagesOptions,
  names: Names,
  signal: AbortSignal,
): Promise<readonly EmittedImage[]> {
  const archive = await readChart(argument, options, signal)
  const { images } = await listImages(archive, {
    values: await readRenderValues(options),
    context: renderOptions(options, signal),
  })
  return images.flatMap(({ reference, rendered }) =>
    pairsOf([reference], names).map((pair) => ({
      ...pair,
      places: rendered.map(({ resource, path }) => `${resource} ${formatPath(path)}`),
    })),
  )
}
