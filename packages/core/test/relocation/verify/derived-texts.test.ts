import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../../test/kit/charts.ts'
import { readChartArchive } from '../../../src/helm/chart/chart-archive.ts'
import { namingOf } from '../../../src/reference/naming.ts'
import { parseTarget } from '../../../src/reference/target.ts'
import { traceDerived } from '../../../src/relocation/verify/derived-texts.ts'

const naming = namingOf(parseTarget('reg.corp:5000/m'))
const scenario = { kind: 'default', name: 'default', values: {}, context: {} } as const

describe('traceDerived', () => {
  it.each([
    ['a checksum of chance', '{{ uuidv4 | sha256sum }}', true],
    ['a password', '{{ randAlphaNum 12 | b64enc }}', true],
    ['a checksum of what is fixed', '{{ "fixed" | sha256sum }}', false],
    ['a text', 'plain', false],
  ])('knows whether %s changes by itself', async (_, expression, changes) => {
    const text = `kind: ConfigMap\ndata: {a: "${expression.replaceAll('"', '\\"')}"}\n`.replaceAll('\\"', '`')
    const { chart } = await readChartArchive(await buildChart({ name: 'web', templates: { 'a.yaml': text } }))
    const follows = await traceDerived(chart, chart, scenario, naming, 3)
    const place = { source: 'web/templates/a.yaml', resource: 'ConfigMap', ordinal: 0, path: ['data', 'a'], name: 'a' }
    expect(follows({ ...place, before: 'one', after: 'other' })).toBe(changes)
  })
})
