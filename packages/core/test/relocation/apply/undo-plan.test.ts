import { describe, expect, it } from 'vitest'
import { buildChart, type ChartSpec } from '../../../../../test/kit/charts.ts'
import type { ChartArchive } from '../../../src/helm/chart/chart.ts'
import { readChartArchive, writeChartArchive } from '../../../src/helm/chart/chart-archive.ts'
import { undoPlan } from '../../../src/relocation/apply/undo-plan.ts'
import { relocate } from '../../../src/relocation/relocate.ts'

const to = 'reg.corp:5000/m'
const pod = `kind: Pod
apiVersion: v1
metadata: {name: web}
spec:
  containers:
    - {name: a, image: "{{ .Values.a }}"}
    - {name: b, image: '{{ .Values.b.registry }}/{{ .Values.b.name }}:1'}
    - {name: c, image: busybox}
    - {name: d, image: quay.io/acme/d:1}
`
const web: ChartSpec = {
  name: 'web',
  metadata: 'annotations:\n  images: |\n    - {name: a, image: quay.io/acme/a:1}\n',
  values: "\uFEFFa: 'quay.io/acme/a:1' # ours\r\nb:\r\n  registry: >-\r\n    ghcr.io\r\n  name: acme/b\r\n",
  templates: { 'pod.yaml': pod },
}

async function packed(spec: ChartSpec): Promise<ChartArchive> {
  const { entries } = await readChartArchive(await buildChart(spec))
  return writeChartArchive(entries)
}

const textsOf = ({ entries }: ChartArchive): readonly string[] =>
  entries.map(({ path, data }) => `${path} ${Buffer.from(data).toString('latin1')}`)

describe('undoPlan', () => {
  it('gives the bytes of the original', async () => {
    const original = await packed(web)
    const { archive, plan } = await relocate(original, { to })
    expect(archive.digest).not.toBe(original.digest)
    const undone = await undoPlan(archive, plan)
    expect(textsOf(undone)).toEqual(textsOf(original))
    expect(undone.digest).toBe(original.digest)
  })

  it('gives the files of the original in an archive inside another', async () => {
    const original = await packed({ name: 'shop', subcharts: [{ ...web, as: 'archive' }] })
    const { archive, plan } = await relocate(original, { to })
    const undone = await undoPlan(archive, plan)
    const [before, after] = [original, undone].map(({ chart }) => chart.subcharts[0]?.files)
    expect(after).toEqual(before)
  })

  it('refuses a chart that the plan did not make', async () => {
    const original = await packed(web)
    const { plan, archive } = await relocate(original, { to })
    await expect(undoPlan(original, plan)).rejects.toMatchObject({ code: 'PLAN_STALE' })
    const values = Buffer.from(archive.chart.files.get('values.yaml') ?? [])
    const edited = archive.entries.map((entry) =>
      entry.path === 'web/values.yaml' ? { ...entry, data: Buffer.concat([values, Buffer.from('more: 1\n')]) } : entry,
    )
    await expect(undoPlan(await writeChartArchive(edited), plan)).rejects.toMatchObject({
      code: 'PLAN_STALE',
      message: expect.stringContaining('values.yaml: it has other changes than the plan'),
    })
  })
})
