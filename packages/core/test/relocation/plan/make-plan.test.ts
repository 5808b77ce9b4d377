import { beforeAll, describe, expect, it } from 'vitest'
import { buildChart } from '../../../../../test/kit/charts.ts'
import type { ChartArchive } from '../../../src/helm/chart/chart.ts'
import { readChartArchive } from '../../../src/helm/chart/chart-archive.ts'
import { namingOf } from '../../../src/reference/naming.ts'
import { parseTarget } from '../../../src/reference/target.ts'
import { makePlan, type PlanParts } from '../../../src/relocation/plan/make-plan.ts'

const naming = namingOf(parseTarget('reg.corp:5000/m'))
const nothing: PlanParts = {
  written: [],
  edits: [],
  moved: [],
  stuck: [],
  userValues: [],
  kept: [],
  added: [],
  mode: 'path',
}
let archive: ChartArchive

beforeAll(async () => {
  archive = await readChartArchive(await buildChart({ name: 'web', version: '1.2.3' }))
})

describe('makePlan', () => {
  it('names chart, digest and target', () => {
    expect(makePlan(archive, naming, nothing)).toMatchObject({
      format: 'chartferry.plan/v1',
      chart: { name: 'web', version: '1.2.3', digest: archive.digest },
      target: 'reg.corp:5000/m',
    })
  })

  it('lists each image once, in order', () => {
    const { images } = makePlan(archive, naming, { ...nothing, moved: ['quay.io/b:1', 'quay.io/a:1', 'quay.io/b:1'] })
    expect(images.map(({ to }) => to)).toEqual(['reg.corp:5000/m/a:1', 'reg.corp:5000/m/b:1'])
  })

  it('refuses two images with one name at the target', () => {
    const moved = ['quay.io/a/web:1', 'ghcr.io/a/web:1']
    expect(() => makePlan(archive, naming, { ...nothing, moved })).toThrowError(
      expect.objectContaining({ code: 'TARGET_COLLISION' }),
    )
  })

  it('takes two spellings of one image for one', () => {
    const moved = ['nginx:1', 'docker.io/library/nginx:1']
    expect(makePlan(archive, naming, { ...nothing, moved }).images).toHaveLength(2)
  })

  it('warns of an image without a tag', () => {
    const { warnings } = makePlan(archive, naming, { ...nothing, moved: ['quay.io/a/web'] })
    expect(warnings).toEqual([expect.stringContaining('quay.io/a/web has no tag')])
  })

  it('keeps what is stuck, and adds what is written but never rendered', () => {
    const stuck = [{ image: 'quay.io/a:1', reason: 'so', rendered: true }]
    const written = ['quay.io/a:1', 'quay.io/b:1'].map(
      (reference) => ({ kind: 'literal', reference, file: 'templates/a.yaml', line: 1 }) as const,
    )
    const { unresolved } = makePlan(archive, naming, { ...nothing, stuck, written })
    expect(unresolved.map(({ image, rendered }) => [image, rendered])).toEqual([
      ['quay.io/a:1', true],
      ['quay.io/b:1', false],
    ])
  })

  it('does not call unresolved what the values given name', () => {
    const written = [{ kind: 'literal', reference: 'quay.io/a:1', file: 'templates/a.yaml', line: 1 } as const]
    expect(makePlan(archive, naming, { ...nothing, written, userValues: ['quay.io/a:1'] })).toMatchObject({
      unresolved: [],
      userValues: ['quay.io/a:1'],
    })
  })
})
