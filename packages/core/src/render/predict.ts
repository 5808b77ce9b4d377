// What a traced text would be if some leaves had other texts, without rendering again; and what a decision looked at.
import { convert, invoke, parameterAt } from '../template/function.ts'
import { strval } from '../template/print.ts'
import { bare } from '../template/text.ts'
import {
  type CallContext,
  type Derived,
  GoError,
  type GoFunction,
  GoList,
  GoMap,
  type Leaf,
  type Source,
  type Span,
  type Text,
  TracedScalar,
  TracedText,
  type Value,
} from '../template/value.ts'
import { functionsOf } from './functions.ts'

/** The new text of a leaf; undefined where it stays. */
export type LeafChange = (leaf: Leaf) => string | undefined

/** A text after a change of leaves. */
export interface Prediction {
  readonly text: string
  /**
   * Whether the text is what a new rendering would give, as far as its spans tell. Not so where a changed leaf was cut
   * or respelled, or went into a random value. Decisions of templates are another matter: see `leavesOf` and Condition.
   */
  readonly certain: boolean
}

/** Puts the new texts in the place of the leaves, and computes again what was derived from them. */
export function predictText(text: Text, change: LeafChange, helm: 3 | 4): Prediction {
  if (typeof text === 'string') return { text, certain: true }
  let predicted = ''
  let certain = true
  let position = 0
  for (const span of text.spans) {
    const piece = predictSpan(text.text.slice(span.start, span.end), span, change, helm)
    predicted += text.text.slice(position, span.start) + piece.text
    certain &&= piece.certain
    position = span.end
  }
  return { text: predicted + text.text.slice(position), certain }
}

function predictSpan(piece: string, span: Span, change: LeafChange, helm: 3 | 4): Prediction {
  const { source } = span
  if (source.kind !== 'leaf' && source.kind !== 'derived') return { text: piece, certain: true }
  const renewed = source.kind === 'leaf' ? renewLeaf(source, change) : renewDerived(source, change, helm)
  if (renewed === undefined) return { text: piece, certain: true }
  // A part of the old text does not tell which part of the new one it would be.
  return piece === source.text && span.offset === 0
    ? { text: renewed.text, certain: renewed.certain }
    : { text: piece, certain: false }
}

function renewLeaf(leaf: Leaf, change: LeafChange): Prediction | undefined {
  const text = change(leaf)
  return text === undefined ? undefined : { text, certain: true }
}

/** The result of the call with the changed inputs; undefined where none of them changes. */
function renewDerived(call: Derived, change: LeafChange, helm: 3 | 4): Prediction | undefined {
  const changed = [...leavesOf(call)].some((leaf) => change(leaf) !== undefined)
  if (!changed) return undefined
  const kept = { text: call.text ?? '', certain: false }
  const fn = functionsOf(helm).get(call.name)
  if (fn === undefined || call.volatile || call.text === undefined) return kept
  const inputs = call.inputs.map((input) => predictValue(input, change, helm))
  const result = callAgain(
    fn,
    inputs.map(({ value }) => value),
    helm,
  )
  if (result === undefined) return kept
  return { text: bare(strval(result)), certain: inputs.every(({ certain }) => certain) }
}

/** Calls a function outside of any rendering; undefined when it fails or needs one. */
function callAgain(fn: GoFunction, inputs: readonly Value[], helm: 3 | 4): Value | undefined {
  const refuse = (): never => {
    throw new GoError(`${fn.name} needs a rendering`)
  }
  const context: CallContext = { helm, lint: false, traced: false, now: () => new Date(), include: refuse, tpl: refuse }
  try {
    const converted = inputs.map((input, index) => convert(input, parameterAt(fn, index)))
    return invoke(fn, converted, inputs, context)
  } catch (error) {
    if (error instanceof GoError) return undefined
    throw error
  }
}

/** A value with the changed leaves in it, without traces. */
function predictValue(
  value: Value,
  change: LeafChange,
  helm: 3 | 4,
): { readonly value: Value; readonly certain: boolean } {
  if (value instanceof TracedText) {
    const { text, certain } = predictText(value, change, helm)
    return { value: text, certain }
  }
  if (value instanceof TracedScalar) {
    const moved = [...leavesOf(value.source)].some((leaf) => change(leaf) !== undefined)
    return { value: value.value, certain: !moved }
  }
  let certain = true
  const inner = (item: Value): Value => {
    const predicted = predictValue(item, change, helm)
    certain &&= predicted.certain
    return predicted.value
  }
  if (value instanceof GoList) return { value: new GoList(value.items.map(inner), value.type), certain }
  if (value instanceof GoMap) {
    const entries = [...value.entries].map(([key, item]) => [key, inner(item)] as const)
    return { value: new GoMap(entries, value.type), certain }
  }
  return { value, certain }
}

/** The leaves that a source comes from: itself, or all that its call was given. */
export function* leavesOf(source: Source): Generator<Leaf> {
  if (source.kind === 'leaf') yield source
  else if (source.kind === 'derived') for (const input of source.inputs) yield* leavesIn(input)
}

/** The leaves anywhere in a value. */
export function* leavesIn(value: Value): Generator<Leaf> {
  if (value instanceof TracedText) for (const { source } of value.spans) yield* leavesOf(source)
  else if (value instanceof TracedScalar) yield* leavesOf(value.source)
  else if (value instanceof GoList) for (const item of value.items) yield* leavesIn(item)
  else if (value instanceof GoMap) for (const item of value.entries.values()) yield* leavesIn(item)
}
