// Traced renderings on their way between threads: classes as plain objects and back, shared parts staying shared.
import {
  type Derived,
  GoList,
  GoMap,
  type GoType,
  goTypes,
  Int,
  type IntKind,
  type Origin,
  type Span,
  type Text,
  TracedScalar,
  TracedText,
  type Value,
} from '../template/value.ts'
import type { RenderedChart } from './engine/render-chart.ts'

type SerializedOrigin = Exclude<Origin, Derived> | SerializedCall

interface SerializedCall extends Omit<Derived, 'inputs'> {
  inputs: readonly SerializedValue[]
}

interface SerializedSpan extends Omit<Span, 'origin'> {
  readonly origin: SerializedOrigin
}

interface SerializedText {
  readonly as: 'text'
  readonly text: string
  readonly spans: readonly SerializedSpan[]
}

type SerializedObject =
  | SerializedText
  | { readonly as: 'scalar'; readonly value: SerializedValue; readonly origin: SerializedOrigin }
  | { readonly as: 'int'; readonly value: bigint; readonly kind: IntKind }
  | { readonly as: 'list'; readonly items: readonly SerializedValue[]; readonly type: string }
  | {
      readonly as: 'map'
      readonly entries: Map<string, SerializedValue>
      readonly type: string
      readonly isNil: boolean
    }

type SerializedValue = undefined | null | boolean | number | string | SerializedObject

/** A traced rendering that can be sent to another thread. */
export interface SerializedRendering extends Omit<RenderedChart, 'documents' | 'hooks' | 'notes' | 'conditions'> {
  readonly documents: readonly SerializedManifest[]
  readonly hooks: readonly SerializedManifest[]
  readonly notes: SerializedValue
  readonly conditions: readonly SerializedCondition[]
}

interface SerializedManifest {
  readonly source: string
  readonly kind: string
  readonly text: SerializedValue
}

type SerializedCondition = Omit<RenderedChart['conditions'][number], 'origins'> & {
  readonly origins: readonly SerializedOrigin[]
}

/** Makes a rendering plain data that can be sent to another thread. What a call was given besides texts, numbers, lists and maps becomes null. */
export function serializeRendering({
  documents,
  hooks,
  notes,
  conditions,
  volatile,
}: RenderedChart): SerializedRendering {
  const calls = new Map<Derived, SerializedCall>()
  const maps = new Map<GoMap, SerializedValue>()
  const origin = (from: Origin): SerializedOrigin => {
    if (from.kind !== 'derived') return from
    const known = calls.get(from)
    if (known !== undefined) return known
    const call: SerializedCall = { ...from, inputs: [] }
    calls.set(from, call)
    call.inputs = from.inputs.map(value)
    return call
  }
  const value = (given: Value): SerializedValue => {
    if (given instanceof TracedText) {
      return {
        as: 'text',
        text: given.text,
        spans: given.spans.map((span) => ({ ...span, origin: origin(span.origin) })),
      }
    }
    if (given instanceof TracedScalar) return { as: 'scalar', value: value(given.value), origin: origin(given.origin) }
    if (given instanceof Int) return { as: 'int', value: given.value, kind: given.kind }
    if (given instanceof GoList) return { as: 'list', items: given.items.map(value), type: given.type.name }
    if (given instanceof GoMap) return map(given)
    return typeof given === 'object' ? null : given
  }
  const map = (given: GoMap): SerializedValue => {
    const known = maps.get(given)
    if (known !== undefined) return known
    const entries = new Map<string, SerializedValue>()
    maps.set(given, { as: 'map', entries, type: given.type.name, isNil: given.isNil })
    for (const [key, item] of given.entries) entries.set(key, value(item))
    return maps.get(given)
  }
  return {
    documents: documents.map((manifest) => ({ ...manifest, text: value(manifest.text) })),
    hooks: hooks.map((manifest) => ({ ...manifest, text: value(manifest.text) })),
    notes: value(notes),
    conditions: conditions.map((condition) => ({ ...condition, origins: condition.origins.map(origin) })),
    volatile,
  }
}

/** The rendering that was serialized. */
export function restoreRendering({
  documents,
  hooks,
  notes,
  conditions,
  volatile,
}: SerializedRendering): RenderedChart {
  const calls = new Map<SerializedCall, Derived>()
  const maps = new Map<SerializedObject, GoMap>()
  const origin = (from: SerializedOrigin): Origin => {
    if (from.kind !== 'derived') return from
    const known = calls.get(from)
    if (known !== undefined) return known
    const inputs: Value[] = []
    const call: Derived = { ...from, inputs }
    calls.set(from, call)
    inputs.push(...from.inputs.map(value))
    return call
  }
  const value = (given: SerializedValue): Value => {
    if (typeof given !== 'object' || given === null) return given
    switch (given.as) {
      case 'text':
        return new TracedText(
          given.text,
          given.spans.map((span) => ({ ...span, origin: origin(span.origin) })),
        )
      case 'scalar':
        return new TracedScalar(value(given.value) as boolean | number | Int, origin(given.origin))
      case 'int':
        return new Int(given.value, given.kind)
      case 'list':
        return new GoList(given.items.map(value), typeNamed(given.type, goTypes.anyList))
      case 'map': {
        const known = maps.get(given)
        if (known !== undefined) return known
        const map = new GoMap([], typeNamed(given.type, goTypes.anyMap), given.isNil)
        maps.set(given, map)
        for (const [key, item] of given.entries) map.entries.set(key, value(item))
        return map
      }
    }
  }
  const manifest = (given: SerializedManifest) => ({ ...given, text: value(given.text) as Text })
  return {
    documents: documents.map(manifest),
    hooks: hooks.map(manifest),
    notes: value(notes) as Text | undefined,
    conditions: conditions.map((condition) => ({ ...condition, origins: condition.origins.map(origin) })),
    volatile,
  }
}

function typeNamed(name: string, otherwise: GoType): GoType {
  return Object.values(goTypes).find((type) => type.name === name) ?? otherwise
}
