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

type PortableOrigin = Exclude<Origin, Derived> | PortableCall

interface PortableCall extends Omit<Derived, 'inputs'> {
  inputs: readonly Portable[]
}

interface PortableSpan extends Omit<Span, 'origin'> {
  readonly origin: PortableOrigin
}

interface PortableText {
  readonly as: 'text'
  readonly text: string
  readonly spans: readonly PortableSpan[]
}

type PortableObject =
  | PortableText
  | { readonly as: 'scalar'; readonly value: Portable; readonly origin: PortableOrigin }
  | { readonly as: 'int'; readonly value: bigint; readonly kind: IntKind }
  | { readonly as: 'list'; readonly items: readonly Portable[]; readonly type: string }
  | { readonly as: 'map'; readonly entries: Map<string, Portable>; readonly type: string; readonly isNil: boolean }

type Portable = undefined | null | boolean | number | string | PortableObject

/** A traced rendering that can be sent to another thread. */
export interface PortableRendering extends Omit<RenderedChart, 'documents' | 'hooks' | 'notes' | 'conditions'> {
  readonly documents: readonly PortableManifest[]
  readonly hooks: readonly PortableManifest[]
  readonly notes: Portable
  readonly conditions: readonly PortableCondition[]
}

interface PortableManifest {
  readonly source: string
  readonly kind: string
  readonly text: Portable
}

type PortableCondition = Omit<RenderedChart['conditions'][number], 'origins'> & {
  readonly origins: readonly PortableOrigin[]
}

/** Makes a rendering portable. What a call was given besides texts, numbers, lists and maps becomes null. */
export function toPortable({ documents, hooks, notes, conditions }: RenderedChart): PortableRendering {
  const calls = new Map<Derived, PortableCall>()
  const maps = new Map<GoMap, Portable>()
  const origin = (from: Origin): PortableOrigin => {
    if (from.kind !== 'derived') return from
    const known = calls.get(from)
    if (known !== undefined) return known
    const call: PortableCall = { ...from, inputs: [] }
    calls.set(from, call)
    call.inputs = from.inputs.map(value)
    return call
  }
  const value = (given: Value): Portable => {
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
  const map = (given: GoMap): Portable => {
    const known = maps.get(given)
    if (known !== undefined) return known
    const entries = new Map<string, Portable>()
    maps.set(given, { as: 'map', entries, type: given.type.name, isNil: given.isNil })
    for (const [key, item] of given.entries) entries.set(key, value(item))
    return maps.get(given)
  }
  return {
    documents: documents.map((manifest) => ({ ...manifest, text: value(manifest.text) })),
    hooks: hooks.map((manifest) => ({ ...manifest, text: value(manifest.text) })),
    notes: value(notes),
    conditions: conditions.map((condition) => ({ ...condition, origins: condition.origins.map(origin) })),
  }
}

/** The rendering that was made portable. */
export function fromPortable({ documents, hooks, notes, conditions }: PortableRendering): RenderedChart {
  const calls = new Map<PortableCall, Derived>()
  const maps = new Map<PortableObject, GoMap>()
  const origin = (from: PortableOrigin): Origin => {
    if (from.kind !== 'derived') return from
    const known = calls.get(from)
    if (known !== undefined) return known
    const inputs: Value[] = []
    const call: Derived = { ...from, inputs }
    calls.set(from, call)
    inputs.push(...from.inputs.map(value))
    return call
  }
  const value = (given: Portable): Value => {
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
  const manifest = (given: PortableManifest) => ({ ...given, text: value(given.text) as Text })
  return {
    documents: documents.map(manifest),
    hooks: hooks.map(manifest),
    notes: value(notes) as Text | undefined,
    conditions: conditions.map((condition) => ({ ...condition, origins: condition.origins.map(origin) })),
  }
}

function typeNamed(name: string, otherwise: GoType): GoType {
  return Object.values(goTypes).find((type) => type.name === name) ?? otherwise
}
