// The values that templates compute with, as Go's reflection sees them: kinds, types, identity, and where each was
// written.
import { entryBytes, itemBytes, take } from './allowance.ts'

/**
 * A value of a template.
 *
 * | Go | here |
 * |---|---|
 * | invalid (`reflect.Value{}`): what a pipeline makes of nil | `undefined` |
 * | nil interface: a missing key, a YAML null | `null` |
 * | bool, float64, string | `boolean`, `number`, `string` |
 * | every integer type | {@link Int} |
 * | map with string keys, slice, struct or pointer to one | {@link GoMap}, {@link GoList}, {@link GoStruct} |
 * | []byte | {@link GoBytes} |
 *
 * A string holds UTF-16 as everywhere in JavaScript; a byte that is no UTF-8 is a lone surrogate U+DC80 to U+DCFF, and
 * `template/text.ts` counts and cuts in bytes.
 *
 * In a traced rendering a string with a known origin is a {@link TracedText}, a boolean or number a {@link
 * TracedScalar}. So ask `plain(value)` before a `typeof`: an untraced rendering passes through it untouched.
 */
export type Value = PlainValue | TracedText | TracedScalar

/** A value without its outermost trace. */
export type PlainValue = undefined | null | boolean | number | string | Int | GoMap | GoList | GoStruct | GoBytes

/** A string, traced or not. */
export type Text = string | TracedText

/** The integer kinds of Go. */
export type IntKind = 'int' | 'int8' | 'int16' | 'int32' | 'int64' | 'uint' | 'uint8' | 'uint16' | 'uint32' | 'uint64'

/** What a type tells beyond its kind. One object per Go type, compared by identity. */
export interface GoType {
  /** As `printf "%T"` prints it: `map[string]interface {}`, `chartutil.Values`. */
  readonly name: string
  /** The unnamed type it was defined from, to whose parameters it can be given. Default: none. */
  readonly underlying?: GoType
  /** By name; found before fields and keys. Default: none. */
  readonly methods?: ReadonlyMap<string, GoFunction>
  /** What a missing key of a map gives, or nil's stand-in for an element. Default: null, the nil interface. */
  readonly zero?: Value
  /** The `String` method of Go's fmt.Stringer. Default: printed by kind. */
  readonly toText?: (value: PlainValue) => Text
  /** The same for a `String` method of the pointer: used only where an action prints the value. Default: none. */
  readonly addressToText?: (value: PlainValue) => Text
  /**
   * The `json` tags of a struct by field: `name,omitempty`; `,inline` for an embedded one. Default: the field's name.
   */
  readonly jsonNames?: ReadonlyMap<string, string>
}

/** An integer that knows its Go type; literals of templates are `int`, sprig's arithmetic gives `int64`. */
export class Int {
  readonly value: bigint
  readonly kind: IntKind
  /** Set for a defined type such as time.Duration. */
  readonly type: GoType | undefined

  constructor(value: bigint, kind: IntKind, type?: GoType) {
    this.value = value
    this.kind = kind
    this.type = type
  }
}

/** A Go `int`. Throws RangeError for a number that is no integer. */
export function int(value: number | bigint): Int {
  return new Int(BigInt(value), 'int')
}

/** A Go `int64`, wrapped around as Go's arithmetic does. */
export function int64(value: number | bigint): Int {
  return new Int(BigInt.asIntN(64, BigInt(value)), 'int64')
}

/** Go's types of maps and lists that templates meet; `any` is what YAML and most functions make. */
export const goTypes: Readonly<Record<'anyMap' | 'stringMap' | 'anyList' | 'stringList' | 'intList', GoType>> = {
  anyMap: { name: 'map[string]interface {}' },
  stringMap: { name: 'map[string]string', zero: '' },
  anyList: { name: '[]interface {}' },
  stringList: { name: '[]string', zero: '' },
  intList: { name: '[]int', zero: new Int(0n, 'int') },
}

/** A map with string keys; shared by reference as in Go. Ranging and printing sort the keys, see `sortedKeys`. */
export class GoMap {
  readonly entries: Map<string, Value>
  readonly type: GoType
  /** A nil map: reads as empty, refuses to be written. */
  readonly isNil: boolean

  constructor(entries: Iterable<readonly [string, Value]> = [], type: GoType = goTypes.anyMap, isNil = false) {
    this.entries = new Map(entries)
    take(entryBytes * (1 + this.entries.size))
    this.type = type
    this.isNil = isNil
  }

  /** The same map under another type: what is set in one is seen in the other. */
  static over(map: GoMap, type: GoType): GoMap {
    const view = new GoMap([], type, map.isNil)
    ;(view as { entries: Map<string, Value> }).entries = map.entries
    return view
  }

  /** The value of a key, or the zero value of the element type: null in a map of interfaces. */
  get(key: string): Value {
    const value = this.entries.get(key)
    return value === undefined ? (this.type.zero ?? null) : value
  }

  /** Sets a key. Throws GoError on a nil map, with Go's words. */
  set(key: string, value: Value): void {
    if (this.isNil) throw new GoError('assignment to entry in nil map')
    take(entryBytes)
    this.entries.set(key, value === undefined ? null : value)
  }
}

/** A slice. Functions make a new one rather than change `items`, as sprig does. */
export class GoList {
  readonly items: readonly Value[]
  readonly type: GoType

  constructor(items: readonly Value[], type: GoType = goTypes.anyList) {
    this.items = items
    this.type = type
    take(itemBytes * (1 + items.length))
  }
}

/** A struct, or a pointer to one. */
export class GoStruct {
  readonly type: GoType
  /** Exported fields, in Go's order. */
  readonly fields: ReadonlyMap<string, Value>
  /** Whether it is a pointer: `kindOf` says `ptr`, printing puts `&` before. Default: false. */
  readonly isPointer: boolean
  /** What a method of ours needs besides the fields: a parsed version, a date. */
  readonly inner: unknown

  constructor(
    type: GoType,
    fields: Iterable<readonly [string, Value]>,
    options: { readonly isPointer?: boolean; readonly inner?: unknown } = {},
  ) {
    this.type = type
    this.fields = new Map(fields)
    this.isPointer = options.isPointer ?? false
    this.inner = options.inner
  }
}

/** A []byte: the content of a file in `.Files`. */
export class GoBytes {
  readonly bytes: Uint8Array
  /** The address of the file in the archive that holds just these bytes. Default: none does. */
  readonly file: string | undefined

  constructor(bytes: Uint8Array, file?: string) {
    this.bytes = bytes
    this.file = file
  }
}

/** Where something was written. One object per leaf or file: compare by identity. */
export type Origin = Leaf | Field | { readonly kind: 'literal'; readonly file: string } | Derived

/** A scalar of a values file; `text` is its value as text. */
export interface Leaf {
  readonly kind: 'leaf'
  /** The address of the file in the archive, or what the user's file or option is called. */
  readonly file: string
  readonly path: readonly (string | number)[]
  readonly text: string
}

/** A field of a Chart.yaml. */
export interface Field {
  readonly kind: 'field'
  readonly file: string
  readonly path: readonly (string | number)[]
}

/** The result of a call that keeps no spans; `inputs` are the arguments, so that it can be computed again. */
export interface Derived {
  readonly kind: 'derived'
  readonly name: string
  readonly inputs: readonly Value[]
  /** The whole result as text; undefined for an element of a list. */
  readonly text: string | undefined
  /** Whether two renderings give two results: passwords, certificates, dates. */
  readonly volatile: boolean
}

/** The characters from `start` to `end` of a text are those of `origin` from `offset` on. Counted in UTF-16 units. */
export interface Span {
  readonly start: number
  readonly end: number
  readonly origin: Origin
  /** In a leaf: of its value, not of its spelling in the file. In a literal: of the file. */
  readonly offset: number
}

/**
 * A string that knows where its characters come from. Spans are sorted and never overlap; gaps have no known origin.
 */
export class TracedText {
  readonly text: string
  readonly spans: readonly Span[]

  constructor(text: string, spans: readonly Span[]) {
    this.text = text
    this.spans = spans
  }

  toString(): string {
    return this.text
  }
}

/** A boolean or number that knows its origin: a leaf, a literal, or the call that compared or counted. */
export class TracedScalar {
  readonly value: boolean | number | Int
  readonly origin: Origin

  constructor(value: boolean | number | Int, origin: Origin) {
    this.value = value
    this.origin = origin
  }
}

/** The value without its outermost trace; elements of lists and maps keep theirs. */
export function plain(value: Value): PlainValue {
  if (value instanceof TracedText) return value.text
  return value instanceof TracedScalar ? value.value : value
}

/** A failure that Go's code reports as an error value; the executor puts place and function before it. */
export class GoError extends Error {
  override readonly name = 'GoError'
}

/** What a function may ask of the rendering it runs in. */
export interface CallContext {
  /** Helm's major version. */
  readonly helm: 3 | 4
  /** Under `helm lint`, `fail` and `required` do not fail. */
  readonly lint: boolean
  /** Whether spans are kept. */
  readonly traced: boolean
  /** The clock. */
  readonly now: () => Date
  /** Runs a named template on a value and gives its text. Throws GoError as `include` does. */
  readonly include: (name: string, data: Value) => Text
  /** Runs a text as a template. Throws GoError as `tpl` does. */
  readonly tpl: (text: Text, data: Value) => Text
}

/** The type of a parameter; the name in Go's words is `parameterTypeNames` of `template/function.ts`. */
export type ParameterType =
  | 'text'
  | 'string'
  | 'int'
  | 'int64'
  | 'uint32'
  | 'float64'
  | 'bool'
  | 'any'
  | 'map'
  | 'list'
  | 'strings'
  | 'value'
  | 'time'
  | 'certificate'

/** A function or method, its types erased; made by `define` of `template/function.ts`. */
export interface GoFunction {
  readonly name: string
  readonly parameters: readonly ParameterType[]
  /** The type of the variadic rest. */
  readonly rest: ParameterType | undefined
  /** Whether two calls with the same arguments may differ. */
  readonly volatile: boolean
  /**
   * Takes the receiver if it is a method, then converted arguments, the variadic ones as one array, then the context.
   */
  readonly call: (values: readonly unknown[]) => Value
}
