// What traced texts would be if some leaves had other texts, without rendering again; and which leaves a origin comes
// from.
import { convert, invoke, parameterAt } from '../../template/function.ts'
import { strval } from '../../template/print.ts'
import { bare } from '../../template/text.ts'
import {
  type CallContext,
  type Derived,
  GoError,
  type GoFunction,
  GoList,
  GoMap,
  type Leaf,
  type Origin,
  type Span,
  type Text,
  TracedScalar,
  TracedText,
  type Value,
} from '../../template/value.ts'
import { functionsOf } from './functions.ts'

/** The new text of a leaf; undefined where it stays. */
export type LeafChange = (leaf: Leaf) => string | undefined

/** A text after a change of leaves. */
export interface Prediction {
  readonly text: string
  /** Whether anything of it comes from a changed leaf. */
  readonly changed: boolean
  /**
   * Whether the text is what a new rendering would give, as far as its spans tell. Not so where a changed leaf was cut
   * or respelled, or went into a random value. Decisions of templates are another matter: see `leavesOf` and Condition.
   */
  readonly certain: boolean
}

interface PredictedValue {
  readonly value: Value
  readonly changed: boolean
  readonly certain: boolean
}

/** A function that puts the new texts in the place of the leaves, and computes again what was derived from them. */
export function createPredictor(change: LeafChange, helm: 3 | 4): (text: Text) => Prediction {
  // Many texts share a derived part, and many calls were given the same map.
  const calls = new Map<Derived, Prediction>()
  const maps = new Map<GoMap, PredictedValue>()

  const predictText = (text: Text): Prediction => {
    if (typeof text === 'string') return kept(text)
    let predicted = ''
    let position = 0
    let changed = false
    let certain = true
    for (const span of text.spans) {
      const piece = predictSpan(text.text.slice(span.start, span.end), span)
      predicted += text.text.slice(position, span.start) + piece.text
      position = span.end
      changed ||= piece.changed
      certain &&= piece.certain
    }
    return { text: predicted + text.text.slice(position), changed, certain }
  }

  const predictSpan = (piece: string, { origin, offset }: Span): Prediction => {
    if (origin.kind !== 'leaf' && origin.kind !== 'derived') return kept(piece)
    const renewed = origin.kind === 'leaf' ? renewLeaf(origin, change) : renewCall(origin)
    if (!renewed.changed) return kept(piece)
    // A part of the old text does not tell which part of the new one it would be.
    return piece === origin.text && offset === 0 ? renewed : { text: piece, changed: true, certain: false }
  }

  /** The result of a call with the changed inputs. */
  const renewCall = (call: Derived): Prediction => {
    const known = calls.get(call)
    if (known !== undefined) return known
    const inputs = call.inputs.map(predictValue)
    const old = call.text ?? ''
    let prediction = kept(old)
    if (inputs.some(({ changed }) => changed)) {
      const fn = call.volatile || call.text === undefined ? undefined : functionsOf(helm).get(call.name)
      const values = inputs.map(({ value }) => value)
      const text = fn === undefined ? undefined : callAgain(fn, values, helm)
      const certain = text !== undefined && inputs.every((input) => input.certain)
      prediction = { text: text ?? old, changed: true, certain }
    }
    calls.set(call, prediction)
    return prediction
  }

  const predictValue = (value: Value): PredictedValue => {
    if (value instanceof TracedText) {
      const { text, changed, certain } = predictText(value)
      return { value: text, changed, certain }
    }
    if (value instanceof TracedScalar) {
      const { origin } = value
      const changed = [...leavesOf(origin)].some((leaf) => change(leaf) !== undefined)
      return { value: value.value, changed, certain: !changed }
    }
    if (value instanceof GoList) {
      const items = value.items.map(predictValue)
      return {
        value: new GoList(
          items.map((item) => item.value),
          value.type,
        ),
        ...flags(items),
      }
    }
    return value instanceof GoMap ? predictMap(value) : { value, changed: false, certain: true }
  }

  const predictMap = (map: GoMap): PredictedValue => {
    const known = maps.get(map)
    if (known !== undefined) return known
    const renewed = new GoMap([], map.type, map.isNil)
    // A map can hold itself.
    maps.set(map, { value: renewed, changed: false, certain: true })
    const entries = [...map.entries].map(([key, value]) => [key, predictValue(value)] as const)
    for (const [key, { value }] of entries) renewed.entries.set(key, value)
    const predicted = { value: renewed, ...flags(entries.map(([, value]) => value)) }
    maps.set(map, predicted)
    return predicted
  }

  return predictText
}

function kept(text: string): Prediction {
  return { text, changed: false, certain: true }
}

function flags(parts: readonly PredictedValue[]): Pick<PredictedValue, 'changed' | 'certain'> {
  return { changed: parts.some(({ changed }) => changed), certain: parts.every(({ certain }) => certain) }
}

function renewLeaf(leaf: Leaf, change: LeafChange): Prediction {
  const text = change(leaf)
  return text === undefined ? kept(leaf.text) : { text, changed: true, certain: true }
}

/** Calls a function outside of any rendering; undefined when it fails or needs one. */
function callAgain(fn: GoFunction, inputs: readonly Value[], helm: 3 | 4): string | undefined {
  const refuse = (): never => {
    throw new GoError(`${fn.name} needs a rendering`)
  }
  const context: CallContext = { helm, lint: false, traced: false, now: () => new Date(), include: refuse, tpl: refuse }
  try {
    const converted = inputs.map((input, index) => convert(input, parameterAt(fn, index)))
    return bare(strval(invoke(fn, converted, inputs, context)))
  } catch (error) {
    if (error instanceof GoError) return undefined
    throw error
  }
}

/** The leaves that a origin comes from: itself, or those that its call was given, maps left aside. */
export function* leavesOf(origin: Origin): Generator<Leaf> {
  if (origin.kind === 'leaf') yield origin
  else if (origin.kind === 'derived') for (const input of origin.inputs) yield* leavesIn(input)
}

function* leavesIn(value: Value): Generator<Leaf> {
  if (value instanceof TracedText) for (const { origin } of value.spans) yield* leavesOf(origin)
  else if (value instanceof TracedScalar) yield* leavesOf(value.origin)
  else if (value instanceof GoList) for (const item of value.items) yield* leavesIn(item)
}
