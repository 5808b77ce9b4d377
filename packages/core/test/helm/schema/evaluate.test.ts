import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../../test/kit/charts.ts'
import { readChartArchive } from '../../../src/helm/chart/chart-archive.ts'
import { engineRenderer } from '../../../src/helm/render/engine-renderer.ts'
import { evaluate } from '../../../src/helm/schema/evaluate.ts'
import { faultLines } from '../../../src/helm/schema/fault.ts'
import { checkFormat } from '../../../src/helm/schema/formats.ts'
import { type Json, readJson } from '../../../src/helm/schema/json.ts'
import { compileSchema } from '../../../src/helm/schema/schema-set.ts'
import { GoError } from '../../../src/helm/template/value.ts'

/** What helm 3.22.0 and helm 4.3.1 say alike; of a schema that is none, the beginning. */
const recorded = JSON.parse(readFileSync(new URL('schema-cases.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly { name: string; schema: string; values: string; lines: readonly string[] }[]
  readonly formats: readonly (readonly [format: string, text: string, valid: boolean])[]
}

const noOther = (url: string): Json => {
  throw new Error(`no schema at ${url}`)
}

function faultsOf(schema: string, value: Json): readonly string[] {
  const fault = evaluate(compileSchema(readJson(schema), noOther), value)
  return fault === undefined ? [] : faultLines(fault)
}

describe('values held against a schema', () => {
  it.each(recorded.cases)('has the words of helm: $name', async ({ schema, values, lines }) => {
    const spec = {
      name: 't',
      values: `${values}\n`,
      templates: { 'a.yaml': 'kind: A\n' },
      files: { 'values.schema.json': schema },
    }
    const rendering = await engineRenderer().open(await readChartArchive(await buildChart(spec)))
    const said = await rendering.render({}, {}).then(
      () => [],
      (error: Error) => error.message.split('chart(s):\nt:\n')[1]?.split('\n') ?? [error.message],
    )
    if (lines[0]?.endsWith('is not valid against metaschema') === true) expect(said[0]).toContain(`${lines[0]}: `)
    else expect(said).toEqual(lines)
  })

  it.each(recorded.formats)('holds a text to a format as helm does: %s %j', (format, text, valid) => {
    expect(checkFormat(format, text) === undefined).toBe(valid)
  })

  it('takes formats for remarks where the schema names no draft, or one of 2019 or later', () => {
    expect(faultsOf('{"properties":{"a":{"format":"uri"}}}', { a: '' })).toEqual([])
    expect(
      faultsOf('{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"a":{"format":"uri"}}}', { a: '' }),
    ).toEqual(["- at '/a': '' is not valid uri: relative url"])
  })

  it('says of a name which value has it', () => {
    // helm 3.22 names the property that it looked at last.
    const schema = '{"properties":{"h":{"propertyNames":{"pattern":"^a$"}},"z":{"properties":{"y":{}}}}}'
    expect(faultsOf(schema, { h: { b: 1 }, z: { y: 1 } })).toEqual([
      "- at '/h': invalid propertyName 'b'",
      "  - at '': 'b' does not match pattern '^a$'",
    ])
  })

  it('keeps whole numbers that a double would round', () => {
    expect(faultsOf('{"const":9007199254740993}', 9007199254740993n)).toEqual([])
    expect(faultsOf('{"const":9007199254740993}', 9007199254740992)).toHaveLength(1)
  })

  it('ends where schemas multiply', () => {
    const steps = Array.from({ length: 30 }, (_, at) => [
      `d${at}`,
      { allOf: [{ $ref: `#/$defs/d${at + 1}` }, { $ref: `#/$defs/d${at + 1}` }] },
    ])
    const schema = { $defs: { ...Object.fromEntries(steps), d30: {} }, $ref: '#/$defs/d0' } as Json
    expect(() => evaluate(compileSchema(schema, noOther), {}, 1000)).toThrow(
      expect.objectContaining({ code: 'DEPTH_EXCEEDED' }) as Error,
    )
  })

  it('says that a schema refers to itself and to nothing else', () => {
    expect(faultsOf('{"$ref":"#"}', 1)).toEqual(["- at '': the references of a schema lead in a circle"])
  })

  it('refuses a reference that leads nowhere, used or not', () => {
    expect(() => compileSchema({ properties: { z: { $ref: '#/definitions/no' } } }, noOther)).toThrow(GoError)
  })
})
