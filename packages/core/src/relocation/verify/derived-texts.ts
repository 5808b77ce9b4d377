// Whether a text that changed had to: a checksum or an encoding of something in which images moved, and nothing else
// changed.

import { isChartferryError } from '../../errors.ts'
import type { Chart } from '../../helm/chart/chart.ts'
import { engineRenderer } from '../../helm/render/engine-renderer.ts'
import type { Difference } from '../../helm/render/output/diff-documents.ts'
import { bare, slice } from '../../helm/template/text.ts'
import { type Derived, GoList, GoMap, type Text, type Value } from '../../helm/template/value.ts'
import type { Naming } from '../../reference/naming.ts'
import { isText, readDocument } from '../find/rendered/traced-document.ts'
import { type Scenario, valuesOf } from '../find/scenarios/scenario.ts'
import { alignText } from './align-text.ts'

/** Functions whose result tells nothing but what they were given: if that is as it should be, so is the result. */
const followed: ReadonlySet<string> = new Set(['sha1sum', 'sha256sum', 'sha512sum', 'adler32sum', 'b64enc', 'b32enc'])

/** Says of a difference whether it follows from images that moved. */
export type Follows = (difference: Difference) => boolean

/**
 * Renders both charts in this process, traced: each text knows then which function made it, and of what. A difference
 * follows where that function is a checksum or an encoding, and the images in what it was given moved as they are
 * named. Nothing follows where one of them does not render.
 */
export async function traceDerived(
  before: Chart,
  after: Chart,
  scenario: Scenario,
  naming: Naming,
  helm: 3 | 4,
): Promise<Follows> {
  const trace = async (chart: Chart): Promise<TextFinder> => {
    const { documents, hooks } = await engineRenderer({ helm })
      .openChart(chart)
      .trace(valuesOf(scenario, chart), scenario.context)
    return findTexts([...documents, ...hooks])
  }
  try {
    const [textBefore, textAfter] = [await trace(before), await trace(after)]
    return (difference) => {
      const [from, to] = [textBefore(difference), textAfter(difference)]
      // Chance prints something else each time.
      if (from !== undefined && to !== undefined && isVolatile(from) && isVolatile(to)) return true
      // What another renderer printed is the same text, or this trace says nothing about it.
      const isTraced =
        from !== undefined && to !== undefined && bare(from) === difference.before && bare(to) === difference.after
      return isTraced && follows(from, to, naming)
    }
  } catch (error) {
    if (isChartferryError(error, 'RENDER_FAILED')) return () => false
    throw error
  }
}

/** Whether a text is made of chance: passwords, certificates, their checksums. */
function isVolatile(text: Text, depth = 0): boolean {
  if (typeof text === 'string' || depth > 20) return false
  return text.spans.some(
    ({ origin }) =>
      origin.kind === 'derived' &&
      (origin.volatile || origin.inputs.some((input) => isText(input) && isVolatile(input, depth + 1))),
  )
}

type TextFinder = (place: Difference) => Text | undefined

/** Finds the scalar at a place; a document is read when it is first asked for. */
function findTexts(documents: readonly { readonly source: string; readonly text: Text }[]): TextFinder {
  const bySource = Map.groupBy(documents, ({ source }) => source)
  const roots = new Map<Text, Value>()
  return ({ source, ordinal, path }) => {
    const text = bySource.get(source)?.[ordinal]?.text
    if (text === undefined) return undefined
    if (!roots.has(text)) roots.set(text, readDocument(text))
    const found = path.reduce<Value>((node, step) => childOf(node, step), roots.get(text))
    return found !== undefined && isText(found) ? found : undefined
  }
}

function childOf(node: Value, step: string | number): Value {
  if (node instanceof GoMap) return node.entries.get(String(step))
  return node instanceof GoList && typeof step === 'number' ? node.items[step] : undefined
}

/** Whether a text is another one in which images moved, and what is made of them. */
function follows(before: Text, after: Text, naming: Naming): boolean {
  if (bare(before) === bare(after)) return true
  const aligned = alignText(bare(before), bare(after), naming)
  if (aligned === undefined) return callFollows(before, after, naming)
  return aligned.hashes.every(({ before: from, after: to, length }) =>
    callFollows(slice(before, from, from + length), slice(after, to, to + length), naming),
  )
}

function callFollows(before: Text, after: Text, naming: Naming): boolean {
  const [from, to] = [callOf(before), callOf(after)]
  if (from === undefined || to === undefined || from.call.name !== to.call.name || from.offset !== to.offset)
    return false
  const { inputs } = to.call
  return (
    from.call.inputs.length === inputs.length &&
    from.call.inputs.every(
      (input, index) => isText(input) && isText(inputs[index]) && follows(input, inputs[index], naming),
    )
  )
}

/** The checksum or encoding that made a text, or the part of its result that the text is. */
function callOf(text: Text): { readonly call: Derived; readonly offset: number } | undefined {
  if (typeof text === 'string') return undefined
  const [span, ...more] = text.spans
  const isWhole = span !== undefined && more.length === 0 && span.start === 0 && span.end === text.text.length
  if (!isWhole || span.origin.kind !== 'derived' || !followed.has(span.origin.name)) return undefined
  return { call: span.origin, offset: span.offset }
}
