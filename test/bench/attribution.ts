// Traces every chart of the corpus: where the characters of images come from, and whether a change of their leaves is foretold.
//
//   CHARTFERRY_CORPUS=folder node --conditions=@chartferry/source test/bench/attribution.ts [--only name] [--verbose]
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { isChartferryError, type RenderOptions } from '@chartferry/core'
import {
  createPredictor,
  type EngineRendering,
  engineRenderer,
  type Leaf,
  type Manifest,
  type Prediction,
  type Span,
  type Text,
  TracedText,
} from '@chartferry/core/helm'
import { formatRendered, type RenderedChart } from '@chartferry/core/internal'
import { chartScenarios, type Scenario } from '../oracle/scenarios.ts'
import { compareOutput } from './render/compare-output.ts'

const { values: options } = parseArgs({
  options: { only: { type: 'string' }, verbose: { type: 'boolean', default: false } },
})
const corpus = process.env.CHARTFERRY_CORPUS
if (corpus === undefined) throw new Error('CHARTFERRY_CORPUS names no folder')

/** An image as a document writes it, and the spans below it. */
interface WrittenImage {
  readonly document: string
  readonly text: string
  readonly spans: readonly Span[]
}

// Bitnami's charts refuse images from elsewhere unless told so.
const set = ['global.security.allowInsecureImages=true']
const counts = new Map<string, number>()
const count = (kind: string, by = 1): void => void counts.set(kind, (counts.get(kind) ?? 0) + by)
const imageLine = /^[ \t]*(?:- )?"?image"?:[ \t]*(["']?)([\w./:@+-]*[/:][\w./:@+-]*)\1[ \t]*(?:#.*)?$/gm

function imagesOf({ documents, hooks }: RenderedChart): WrittenImage[] {
  return [...documents, ...hooks].flatMap(({ source, text }) => {
    const traced = text instanceof TracedText ? text : new TracedText(text, [])
    return [...traced.text.matchAll(imageLine)].map((match): WrittenImage => {
      const name = match[2] ?? ''
      const start = match.index + match[0].lastIndexOf(name)
      const spans = traced.spans.filter((span) => span.start < start + name.length && span.end > start)
      const clipped = spans.map((span) => ({
        ...span,
        start: Math.max(0, span.start - start),
        end: Math.min(name.length, span.end - start),
      }))
      return { document: source, text: name, spans: clipped }
    })
  })
}

function attribute(image: WrittenImage, place: string): void {
  let known = 0
  for (const { start, end, origin } of image.spans) {
    known += end - start
    count(`characters ${origin.kind}`, end - start)
  }
  count('characters unknown', image.text.length - known)
  const derived = image.spans.some(({ origin }) => origin.kind === 'derived')
  const kind = known < image.text.length ? (known === 0 ? 'none' : 'partial') : derived ? 'full, some derived' : 'full'
  count(`images ${kind}`)
  if (options.verbose && kind !== 'full') {
    const spans = image.spans.map(
      ({ start, end, origin }) =>
        `${image.text.slice(start, end)}<${origin.kind} ${'name' in origin ? origin.name : ''}>`,
    )
    console.log(`${place}: ${image.document}: ${image.text}: ${spans.join(' ')}`)
  }
}

/** The leaves below the first character of each image: the registry, the repository or the whole. */
function firstLeaves(images: readonly WrittenImage[]): Leaf[] {
  const leaves = images.flatMap(({ spans }) => {
    const first = spans.find((span) => span.start === 0)?.origin
    return first?.kind === 'leaf' ? [first] : []
  })
  return [...new Set(leaves)]
}

/** Changes all first leaves, predicts, renders anew, compares. */
async function testPrediction(
  rendering: EngineRendering,
  traced: RenderedChart,
  leaves: readonly Leaf[],
  scenario: Scenario,
  context: RenderOptions,
): Promise<void> {
  const place = `${scenario.chart} ${scenario.name}`
  const renewed = new Map(leaves.map((leaf) => [leaf, `mirror.test/${leaf.text}`]))
  const predict = createPredictor((leaf) => renewed.get(leaf), 3)
  const predictions = new Map<Text, Prediction>()
  const predicted = (text: Text): Prediction => {
    const known = predictions.get(text) ?? predict(text)
    predictions.set(text, known)
    return known
  }
  const spelled = (list: readonly Manifest[]) =>
    list.map(({ source, text }) => ({ source, text: predicted(text).text }))
  const whole = formatRendered({ documents: spelled(traced.documents), hooks: spelled(traced.hooks) })
  const changes = leaves.map((leaf) => ({ file: leaf.file, path: leaf.path, text: `mirror.test/${leaf.text}` }))
  count('prediction leaves', leaves.length)
  try {
    const changed = rendering.withLeaves(changes)
    const values = { files: changedFiles(scenario, changes), set }
    const first = formatRendered(await changed.render(values, context))
    const verdict = compareOutput(whole, [first, formatRendered(await changed.render(values, context))])
    if (verdict.kind !== 'different')
      return count(`predictions ${verdict.kind === 'volatile' ? 'exact but for random values' : 'exact'}`)
    const known = [...predictions.values()].some(({ certain }) => !certain)
    count(known ? 'predictions inexact, and known to be' : 'predictions wrong')
    console.log(`${place}: ${known ? 'known: ' : ''}${verdict.where.slice(0, 500)}`)
  } catch (error) {
    if (!isChartferryError(error)) throw error
    count('predictions of a chart that then refuses')
    console.log(`${place}: ${error.message}`)
  }
}

/** The user's files with the changed leaves; they are JSON or small YAML, so only JSON ones are changed. */
function changedFiles(
  scenario: Scenario,
  changes: readonly { file: string; path: readonly (string | number)[]; text: string }[],
): Scenario['files'] {
  return scenario.files.map(({ name, text }) => {
    const own = changes.filter((change) => change.file === name)
    if (own.length === 0 || !text.startsWith('{')) return { name, text }
    const values = JSON.parse(text) as Record<string | number, unknown>
    for (const { path, text: renewed } of own) {
      let table = values
      for (const key of path.slice(0, -1)) table = table[key] as Record<string | number, unknown>
      table[path.at(-1) as string] = renewed
    }
    return { name, text: JSON.stringify(values) }
  })
}

for await (const { archive, scenarios } of chartScenarios(join(corpus, 'charts'), { only: options.only })) {
  for (const scenario of scenarios) {
    const context: RenderOptions = {
      kubeVersion: scenario.kubeVersion,
      apiVersions: scenario.apiVersions,
      release: { name: 't', namespace: 'default' },
    }
    try {
      const rendering = await engineRenderer({ skipSchema: scenario.skipSchema, now: () => new Date(0) }).open(archive)
      const traced = await rendering.trace({ files: scenario.files, set }, context)
      const images = imagesOf(traced)
      for (const image of images) attribute(image, `${scenario.chart} ${scenario.name}`)
      const leaves = firstLeaves(images)
      const inText = leaves.some((leaf) =>
        scenario.files.some(({ name, text }) => name === leaf.file && !text.startsWith('{')),
      )
      if (leaves.length > 0 && !inText) await testPrediction(rendering, traced, leaves, scenario, context)
    } catch (error) {
      if (!isChartferryError(error)) throw error
      count('not rendered')
    }
  }
}
for (const [kind, number] of [...counts].sort(([a], [b]) => a.localeCompare(b))) console.log(`${kind}: ${number}`)
