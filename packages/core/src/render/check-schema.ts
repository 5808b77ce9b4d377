// Values judged by the values.schema.json of a chart and its subcharts (Helm's pkg/chartutil/jsonschema.go).
import { type Schema, type SchemaDraft, Validator } from '@cfworker/json-schema'
import type { Chart } from '../chart/chart.ts'
import { ChartferryError, messageOf } from '../errors.ts'
import { typeName } from '../template/kind.ts'
import { GoBytes, GoList, GoMap, GoStruct, Int, plain, type Value } from '../template/value.ts'
import { fileText, type LoadedChart } from './loaded-chart.ts'
import { schemaWords } from './schema-words.ts'

/** The validators of the charts of an archive, each made when it is first needed. */
export type Validators = Map<Chart, Validator>

/**
 * Throws RENDER_FAILED when the values of the chart or of a subchart break its schema, when a schema is none, or when
 * it refers to another one by URL: nothing is fetched.
 */
export function checkSchema(chart: LoadedChart, values: GoMap, validators: Validators): void {
  const faults = faultsOf(chart, values, validators)
  if (faults === '') return
  throw new ChartferryError(
    'RENDER_FAILED',
    `values don't meet the specifications of the schema(s) in the following chart(s):\n${faults.trimEnd()}`,
  )
}

function faultsOf(chart: LoadedChart, values: GoMap, validators: Validators): string {
  const why = schemaFaults(chart.chart, values, validators)
  let faults = why.length === 0 ? '' : `${chart.name}:\n${why.map((line) => `${line}\n`).join('')}`
  for (const subchart of chart.subcharts) {
    const own = values.entries.get(subchart.name)
    if (own === undefined || own === null) continue
    if (own instanceof GoMap) faults += faultsOf(subchart, own, validators)
    else faults += `${subchart.name}:\ninvalid type for values: expected object (map), got ${typeName(own)}\n`
  }
  return faults
}

/** Where the values break the schema of the chart itself; empty where it has none. Throws RENDER_FAILED for a schema that is none. */
export function schemaFaults(chart: Chart, values: GoMap, validators: Validators): readonly string[] {
  const validator = validatorOf(chart, validators)
  return validator === undefined ? [] : validate(validator, values, chart)
}

function validatorOf(chart: Chart, validators: Validators): Validator | undefined {
  const known = validators.get(chart)
  const data = chart.files.get('values.schema.json')
  if (known !== undefined || data === undefined) return known
  const schema = parseSchema(fileText(data), chart)
  refuseRemote(schema, chart)
  // All faults, not the first one alone.
  const validator = new Validator(schema, draftOf(schema), false)
  validators.set(chart, validator)
  return validator
}

function parseSchema(text: string, chart: Chart): Schema {
  try {
    return JSON.parse(text) as Schema
  } catch (error) {
    throw new ChartferryError('RENDER_FAILED', `${chart.address}values.schema.json: ${messageOf(error)}`)
  }
}

/** Helm fetches what a schema refers to when it reads the schema, whether a value needs it or not; here nothing is fetched. */
function refuseRemote(schema: Schema, chart: Chart): void {
  const known = new Set<string>()
  const asked = new Set<string>()
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return
    for (const [key, value] of Object.entries(part)) {
      if ((key === '$id' || key === 'id') && typeof value === 'string') known.add(withoutFragment(value))
      if (key === '$ref' && typeof value === 'string') asked.add(withoutFragment(value))
      visit(value)
    }
  }
  visit(schema)
  const remote = [...asked].find(
    (url) => /^https?:/.test(url) && !known.has(url) && !url.includes('//json-schema.org/'),
  )
  if (remote === undefined) return
  throw new ChartferryError(
    'RENDER_FAILED',
    `values don't meet the specifications of the schema(s) in the following chart(s):\n${chart.metadata.name}:\nfailing loading ${JSON.stringify(remote)}: other schemas are not fetched`,
    { hint: 'Render without the schema, or with helm.' },
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
