// Values judged by the values.schema.json of a chart and its subcharts (Helm's pkg/chartutil/jsonschema.go).
import { type Schema, type SchemaDraft, Validator } from '@cfworker/json-schema'
import type { Chart } from '../chart/chart.ts'
import { ChartferryError, messageOf } from '../errors.ts'
import { typeName } from '../template/kind.ts'
import { GoBytes, GoList, GoMap, GoStruct, Int, plain, type Value } from '../template/value.ts'
import { fileText, type LoadedChart } from './loaded-chart.ts'

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
    `values don't meet the specifications of the schema(s) in the following chart(s):\n${faults}`,
  )
}

function faultsOf(chart: LoadedChart, values: GoMap, validators: Validators): string {
  let faults = ''
  const validator = validatorOf(chart.chart, validators)
  const why = validator === undefined ? [] : validate(validator, values, chart)
  if (why.length > 0) faults += `${chart.name}:\n${why.map((line) => `- ${line}\n`).join('')}`
  for (const subchart of chart.subcharts) {
    const own = values.entries.get(subchart.name)
    if (own === undefined || own === null) continue
    if (own instanceof GoMap) faults += faultsOf(subchart, own, validators)
    else faults += `${subchart.name}:\ninvalid type for values: expected object (map), got ${typeName(own)}\n`
  }
  return faults
}

function validatorOf(chart: Chart, validators: Validators): Validator | undefined {
  const known = validators.get(chart)
  const data = chart.files.get('values.schema.json')
  if (known !== undefined || data === undefined) return known
  const schema = parseSchema(fileText(data), chart)
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

/** The draft a schema names; the latest one where it names none or the moving address. */
function draftOf(schema: Schema): SchemaDraft {
  const name = typeof schema === 'object' && schema !== null ? String(schema.$schema ?? '') : ''
  if (/draft-0?[34]\b/.test(name)) return '4'
  if (/draft-0?[67]\b/.test(name)) return '7'
  return name.includes('2019-09') ? '2019-09' : '2020-12'
}

function validate(validator: Validator, values: GoMap, chart: LoadedChart): readonly string[] {
  try {
    const { valid, errors } = validator.validate(plainJson(values))
    if (valid) return []
    // A fault inside is reported again by everything around it.
    const deepest = errors.filter(
      ({ instanceLocation }) => !errors.some((other) => other.instanceLocation.startsWith(`${instanceLocation}/`)),
    )
    return [...new Set(deepest.map((fault) => `at '${fault.instanceLocation.slice(1)}': ${fault.error}`))]
  } catch (error) {
    throw new ChartferryError('RENDER_FAILED', `${chart.name}: values.schema.json: ${messageOf(error)}`, {
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
