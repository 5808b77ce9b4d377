// Values judged by the values.schema.json of a chart and its subcharts (Helm's pkg/chartutil/jsonschema.go).
import { ChartferryError, messageOf } from '../../../errors.ts'
import type { Chart } from '../../chart/chart.ts'
import { evaluate } from '../../schema/evaluate.ts'
import { faultLines } from '../../schema/fault.ts'
import { type Json, readJson } from '../../schema/json.ts'
import { compileSchema, type SchemaSet } from '../../schema/schema-set.ts'
import { typeName } from '../../template/kind.ts'
import { GoBytes, GoError, GoList, GoMap, GoStruct, Int, plain, type Value } from '../../template/value.ts'
import { fileText, type LoadedChart } from '../engine/loaded-chart.ts'

/** The schemas of the charts of an archive. */
export interface Schemas {
  /** Each made when it is first needed. */
  readonly compiled: Map<Chart, SchemaSet>
  /** The texts of other schemas, by the URL by which schemas refer to them. */
  readonly given: Readonly<Record<string, string>>
}

/**
 * Throws RENDER_FAILED when the values of the chart or of a subchart break its schema, when a schema is none, or when
 * it refers to another one by a URL that is not given: nothing is fetched.
 */
export function checkSchema(chart: LoadedChart, values: GoMap, schemas: Schemas): void {
  const faults = faultsOf(chart, values, schemas)
  if (faults === '') return
  throw new ChartferryError(
    'RENDER_FAILED',
    `values don't meet the specifications of the schema(s) in the following chart(s):\n${faults.trimEnd()}`,
  )
}

function faultsOf(chart: LoadedChart, values: GoMap, schemas: Schemas): string {
  const why = schemaFaults(chart.chart, values, schemas)
  let faults = why.length === 0 ? '' : `${chart.name}:\n${why.map((line) => `${line}\n`).join('')}`
  for (const subchart of chart.subcharts) {
    const own = values.entries.get(subchart.name)
    if (own === undefined || own === null) continue
    if (own instanceof GoMap) faults += faultsOf(subchart, own, schemas)
    else faults += `${subchart.name}:\ninvalid type for values: expected object (map), got ${typeName(own)}\n`
  }
  return faults
}

/**
 * Where the values break the schema of the chart itself, and what is wrong with the schema; empty where it has none.
 * Throws RENDER_FAILED for a schema that is no JSON, or refers to one that is not given.
 */
export function schemaFaults(chart: Chart, values: GoMap, schemas: Schemas): readonly string[] {
  try {
    const set = schemaOf(chart, schemas)
    const fault = set === undefined ? undefined : evaluate(set, jsonOf(values))
    return fault === undefined ? [] : faultLines(fault)
  } catch (error) {
    if (error instanceof GoError) return [error.message]
    throw error
  }
}

function schemaOf(chart: Chart, { compiled, given }: Schemas): SchemaSet | undefined {
  const known = compiled.get(chart)
  const data = chart.files.get('values.schema.json')
  if (known !== undefined || data === undefined) return known
  const set = compileSchema(parseSchema(fileText(data), `${chart.address}values.schema.json`), (url) => {
    // Helm takes a name that nobody resolves for a schema that allows all (urnLoader, 3.22).
    if (url.startsWith('urn:')) return true
    // The schemas of schemas are not held here: a value that should be a schema may be anything.
    if (/^https?:\/\/json-schema\.org\//.test(url)) return true
    const text = given[url]
    if (text === undefined) throw missingSchema(url, chart)
    return parseSchema(text, url)
  })
  compiled.set(chart, set)
  return set
}

function parseSchema(text: string, where: string): Json {
  try {
    return readJson(text)
  } catch (error) {
    throw new ChartferryError('RENDER_FAILED', `${where}: ${messageOf(error)}`)
  }
}

function missingSchema(url: string, chart: Chart): ChartferryError {
  const why = `failing loading ${JSON.stringify(url)}: other schemas are not fetched`
  return new ChartferryError(
    'RENDER_FAILED',
    `values don't meet the specifications of the schema(s) in the following chart(s):\n${chart.metadata.name}:\n${why}`,
    { hint: 'Give the schema, render without schemas, or render with helm.' },
  )
}

/** A value as the schema library is given it. */
function jsonOf(value: Value): Json {
  const given = plain(value)
  if (given instanceof GoMap) {
    return Object.fromEntries([...given.entries].map(([key, item]) => [key, jsonOf(item)]))
  }
  if (given instanceof GoList) return given.items.map(jsonOf)
  if (given instanceof Int) return Number.isSafeInteger(Number(given.value)) ? Number(given.value) : given.value
  return given instanceof GoStruct || given instanceof GoBytes || given === undefined ? null : given
}
