// Values judged by the values.schema.json of a chart and its subcharts (Helm's pkg/chartutil/jsonschema.go).
import { type Schema, type SchemaDraft, Validator } from '@cfworker/json-schema'
import { ChartferryError, messageOf } from '../../../errors.ts'
import type { Chart } from '../../chart/chart.ts'
import { typeName } from '../../template/kind.ts'
import { GoBytes, GoList, GoMap, GoStruct, Int, plain, type Value } from '../../template/value.ts'
import { fileText, type LoadedChart } from '../engine/loaded-chart.ts'
import { schemaWords } from './schema-words.ts'

/** The schemas of the charts of an archive. */
export interface Schemas {
  /** Each made when it is first needed. */
  readonly validators: Map<Chart, Validator>
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
 * Where the values break the schema of the chart itself; empty where it has none. Throws RENDER_FAILED for a schema
 * that is none.
 */
export function schemaFaults(chart: Chart, values: GoMap, schemas: Schemas): readonly string[] {
  const validator = validatorOf(chart, schemas)
  return validator === undefined ? [] : validate(validator, values, chart)
}

function validatorOf(chart: Chart, { validators, given }: Schemas): Validator | undefined {
  const known = validators.get(chart)
  const data = chart.files.get('values.schema.json')
  if (known !== undefined || data === undefined) return known
  const schema = parseSchema(fileText(data), `${chart.address}values.schema.json`)
  // All faults, not the first one alone.
  const validator = new Validator(schema, draftOf(schema), false)
  addReferred(validator, schema, chart, given)
  validators.set(chart, validator)
  return validator
}

function parseSchema(text: string, where: string): Schema {
  try {
    return JSON.parse(text) as Schema
  } catch (error) {
    throw new ChartferryError('RENDER_FAILED', `${where}: ${messageOf(error)}`)
  }
}

/**
 * Adds the schemas referred to by URL, those that they refer to as well. Helm fetches them; here they are given or
 * missing.
 */
function addReferred(validator: Validator, schema: Schema, chart: Chart, given: Schemas['given']): void {
  const known = new Set<string>()
  const waiting = [schema]
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    const { ids, references } = urlsOf(part)
    for (const id of ids) known.add(id)
    for (const url of references) {
      if (known.has(url) || !/^https?:/.test(url) || url.includes('//json-schema.org/')) continue
      const text = given[url]
      if (text === undefined) throw missingSchema(url, chart)
      known.add(url)
      const referred = parseSchema(text, url)
      validator.addSchema(referred, url)
      waiting.push(referred)
    }
  }
}

/** The names that a schema has, and those that it refers to, without fragments. */
function urlsOf(schema: Schema): { readonly ids: ReadonlySet<string>; readonly references: ReadonlySet<string> } {
  const ids = new Set<string>()
  const references = new Set<string>()
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return
    for (const [key, value] of Object.entries(part)) {
      if ((key === '$id' || key === 'id') && typeof value === 'string') ids.add(withoutFragment(value))
      if (key === '$ref' && typeof value === 'string') references.add(withoutFragment(value))
      visit(value)
    }
  }
  visit(schema)
  return { ids, references }
}

function missingSchema(url: string, chart: Chart): ChartferryError {
  const why = `failing loading ${JSON.stringify(url)}: other schemas are not fetched`
  return new ChartferryError(
    'RENDER_FAILED',
    `values don't meet the specifications of the schema(s) in the following chart(s):\n${chart.metadata.name}:\n${why}`,
    { hint: 'Give the schema, render without schemas, or render with helm.' },
  )
}

function withoutFragment(url: string): string {
  return url.replace(/#.*$/s, '')
}

/** The draft a schema names; the latest one where it names none or the moving address. */
function draftOf(schema: Schema): SchemaDraft {
  const name = typeof schema === 'object' && schema !== null ? String(schema.$schema ?? '') : ''
  if (/draft-0?[34]\b/.test(name)) return '4'
  if (/draft-0?[67]\b/.test(name)) return '7'
  return name.includes('2019-09') ? '2019-09' : '2020-12'
}

function validate(validator: Validator, values: GoMap, chart: Chart): readonly string[] {
  try {
    const instance = plainJson(values)
    const { valid, errors } = validator.validate(instance)
    return valid ? [] : schemaWords(errors, instance)
  } catch (error) {
    throw new ChartferryError('RENDER_FAILED', `${chart.metadata.name}: values.schema.json: ${messageOf(error)}`, {
      hint: 'References to other schemas by URL are not followed; render without the schema, or with helm.',
    })
  }
}

/** A value as JSON.parse would give it. */
function plainJson(value: Value): unknown {
  const given = plain(value)
  if (given instanceof GoMap) {
    return Object.fromEntries([...given.entries].map(([key, item]) => [key, plainJson(item)]))
  }
  if (given instanceof GoList) return given.items.map(plainJson)
  if (given instanceof Int) return Number(given.value)
  return given instanceof GoStruct || given instanceof GoBytes || given === undefined ? null : given
}
