// `.Files`: the files of a chart that are neither templates nor subcharts (Helm's pkg/engine/files.go).
import type { Chart } from '../../chart/chart.ts'
import { defineMethod } from '../../template/function.ts'
import { sortedKeys } from '../../template/kind.ts'
import { bare, slice, split, textFrom } from '../../template/text.ts'
import { GoBytes, type GoFunction, GoList, GoMap, type GoType, goTypes, type Text } from '../../template/value.ts'
import { toYaml } from '../../yaml/go/write.ts'
import { compileGlob } from './glob.ts'
import { sharedText, withoutMark } from './loaded-chart.ts'

/** The files that Helm's loader reads itself and does not hand on. */
const consumed: ReadonlySet<string> = new Set(['Chart.yaml', 'Chart.lock', 'values.yaml', 'values.schema.json'])

/** The value of `.Files` of a chart. */
export function filesOf(chart: Chart): GoMap {
  const entries: [string, GoBytes][] = []
  for (const [path, data] of chart.files)
    if (isOwnFile(chart, path)) entries.push([path, new GoBytes(withoutMark(data), chart.address + path)])
  return new GoMap(entries, filesType)
}

function isOwnFile(chart: Chart, path: string): boolean {
  if (consumed.has(path) || path.startsWith('templates/')) return false
  if (path.startsWith('charts/')) return path.endsWith('.prov')
  // Helm hands these on to charts of the first format only.
  const old = path === 'requirements.yaml' || path === 'requirements.lock'
  return !old || chart.metadata.apiVersion === 'v1'
}

function contentOf(files: GoMap, path: string): Uint8Array {
  const content = files.entries.get(path)
  return content instanceof GoBytes ? content.bytes : new Uint8Array()
}

/** The text of a file; traced, its characters know where in the file they stand. */
function textOf(files: GoMap, path: string, traced: boolean): Text {
  const text = sharedText(contentOf(files, path))
  const content = files.entries.get(path)
  const file = content instanceof GoBytes ? content.file : undefined
  return traced && file !== undefined ? textFrom(text, { kind: 'literal', file }) : text
}

/** A map of file names without their folders to texts, as YAML. */
function asYaml(files: GoMap, spell: (path: string) => Text): Text {
  const entries = sortedKeys(files).map((path) => [path.slice(path.lastIndexOf('/') + 1), spell(path)] as const)
  return toYaml(new GoMap(entries, goTypes.stringMap))
}

const methods: readonly GoFunction[] = [
  defineMethod('GetBytes', ['string'], (files: GoMap, path) => new GoBytes(contentOf(files, path))),
  defineMethod('Get', ['string'], (files: GoMap, path, context) => textOf(files, path, context.traced)),
  defineMethod('Glob', ['string'], (files: GoMap, pattern) => {
    const matches = compileGlob(pattern)
    return new GoMap(
      [...files.entries].filter(([path]) => matches(path)),
      filesType,
    )
  }),
  defineMethod('AsConfig', [], (files: GoMap, context) => asYaml(files, (path) => textOf(files, path, context.traced))),
  defineMethod('AsSecrets', [], (files: GoMap) =>
    asYaml(files, (path) => Buffer.from(contentOf(files, path)).toString('base64')),
  ),
  defineMethod('Lines', ['string'], (files: GoMap, path, context) => {
    const text = textOf(files, path, context.traced)
    const whole = bare(text)
    const lines = whole === '' ? [] : split(whole.endsWith('\n') ? slice(text, 0, whole.length - 1) : text, '\n')
    return new GoList(lines, goTypes.stringList)
  }),
]

const filesType: GoType = {
  name: 'engine.files',
  zero: new GoBytes(new Uint8Array()),
  methods: new Map(methods.map((method) => [method.name, method])),
}
