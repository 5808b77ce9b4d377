// YAML and JSON in templates: Helm's own functions, which put the error into the result, and sprig's.
import { define } from '../template/function.ts'
import { GoError, type GoFunction, GoList, GoMap, type Text, type Value } from '../template/value.ts'
import { NilList } from '../yaml/go/nil-list.ts'
import { readYamlList, readYamlMap } from '../yaml/go/read.ts'
import { readJson, readJsonList, readJsonMap } from '../yaml/go/read-json.ts'
import { readToml } from '../yaml/go/read-toml.ts'
import { type JsonOptions, toJson } from '../yaml/go/to-json.ts'
import { marshalYaml, toYaml, withoutNewline } from '../yaml/go/write.ts'
import { toYamlPretty } from '../yaml/go/write-pretty.ts'
import { marshalToml } from '../yaml/go/write-toml.ts'

/** What is computed, or what `onError` makes of the words of a GoError. */
function attempt<T>(compute: () => T, onError: (message: string) => T): T {
  try {
    return compute()
  } catch (error) {
    if (error instanceof GoError) return onError(error.message)
    throw error
  }
}

function mapOf(compute: () => GoMap): GoMap {
  return attempt(compute, (message) => new GoMap([['Error', message]]))
}

function listOf(compute: () => GoList | null): GoList {
  return attempt(
    () => compute() ?? new NilList(),
    (message) => new GoList([message]),
  )
}

function jsonOrEmpty(value: Value, options?: JsonOptions): Text {
  return attempt<Text>(
    () => toJson(value, options),
    () => '',
  )
}

/** Helm's toToml: what the library cannot write is said in its place, unless Go itself panics. */
function toToml(value: Value): Text {
  return attempt<Text>(
    () => marshalToml(value),
    (message) => {
      if (message.startsWith('reflect:')) throw new GoError(message)
      return message
    },
  )
}

/** The functions of this family. */
export const formatFunctions: readonly GoFunction[] = [
  define('toYaml', ['any'], toYaml),
  define('fromYaml', ['text'], (text) => mapOf(() => readYamlMap(text))),
  define('fromYamlArray', ['text'], (text) => listOf(() => readYamlList(text))),
  define('toYamlPretty', ['any'], toYamlPretty),
  define('toToml', ['any'], toToml),
  define('fromToml', ['string'], (text) => mapOf(() => readToml(text))),
  define('toJson', ['any'], (value) => jsonOrEmpty(value)),
  define('mustToJson', ['any'], (value) => toJson(value)),
  define('toPrettyJson', ['any'], (value) => jsonOrEmpty(value, { indent: '  ' })),
  define('mustToPrettyJson', ['any'], (value) => toJson(value, { indent: '  ' })),
  define('toRawJson', ['any'], (value) => toJson(value, { html: false })),
  define('mustToRawJson', ['any'], (value) => toJson(value, { html: false })),
  define('fromJson', ['text'], (text) => mapOf(() => readJsonMap(text))),
  define('fromJsonArray', ['text'], (text) => listOf(() => readJsonList(text))),
  define('mustFromJson', ['text'], readJson),
]

/** What Helm 4 has besides. */
export const formatFunctions4: readonly GoFunction[] = [
  define('mustToYaml', ['any'], (value) => withoutNewline(marshalYaml(value))),
  define('mustToToml', ['any'], marshalToml),
]
