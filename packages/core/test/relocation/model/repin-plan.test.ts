import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../../test/kit/charts.ts'
import { digestOf } from '../../../src/digest.ts'
import type { ChartArchive } from '../../../src/helm/chart/chart.ts'
import { readChartArchive } from '../../../src/helm/chart/chart-archive.ts'
import { undoPlan } from '../../../src/relocation/apply/undo-plan.ts'
import { applyPlan } from '../../../src/relocation/apply-plan.ts'
import type { Plan } from '../../../src/relocation/model/plan.ts'
import { planRelocation } from '../../../src/relocation/plan/plan-relocation.ts'

const [old, fresh, other] = [digestOf('old'), digestOf('fresh'), digestOf('other')]
const digests = new Map([[old, fresh]])
const hex = (digest: string): string => digest.slice('sha256:'.length)
const pod = (...images: readonly string[]): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n${images.map((image, at) => `  - {name: c${at}, image: "${image}"}\n`).join('')}`

async function planned(
  spec: Omit<Parameters<typeof buildChart>[0], 'name'>,
): Promise<{ readonly original: ChartArchive; readonly plan: Plan }> {
  const original = await readChartArchive(await buildChart({ name: 'web', ...spec }))
  return { original, plan: (await planRelocation(original, { to: 'reg.corp/m' })).plan }
}

const textOf = ({ chart }: ChartArchive, path: string): string => Buffer.from(chart.files.get(path) ?? []).toString()

describe('a plan whose images have other digests', () => {
  it('writes them wherever the chart names the old ones, proves it, and can be taken back', async () => {
    const values = `\uFEFF# ${old}\r\nimage: "quay.io/a/b@${old}"\r\nsha: ${hex(old)}\r\nother: quay.io/a/c@${other}\r\n`
    const templates = {
      'a.yaml': pod('{{ .Values.image }}', 'quay.io/a/d@sha256:{{ .Values.sha }}', '{{ .Values.other }}'),
      'b.yaml': pod(`quay.io/a/e:1@${old}`),
    }
    const { original, plan } = await planned({ values, templates })
    const applied = await applyPlan(original, plan, { digests })
    expect(applied.proof.status).toBe('proven')
    const moved = values.replaceAll('quay.io', 'reg.corp/m').replaceAll(hex(old), hex(fresh))
    expect(textOf(applied.archive, 'values.yaml')).toBe(moved)
    expect(textOf(applied.archive, 'templates/b.yaml')).toBe(pod(`reg.corp/m/a/e:1@${fresh}`))
    expect(applied.plan.images.map(({ to }) => to).sort()).toEqual([
      `reg.corp/m/a/b@${fresh}`,
      `reg.corp/m/a/c@${other}`,
      `reg.corp/m/a/d@${fresh}`,
      `reg.corp/m/a/e:1@${fresh}`,
    ])
    expect((await undoPlan(applied.archive, applied.plan)).chart.files).toEqual(original.chart.files)
    expect((await applyPlan(original, applied.plan)).archive.bytes).toEqual(applied.archive.bytes)
  })

  it('reaches into subcharts that are archives, and into files that no plan edits', async () => {
    const subchart = {
      name: 'sub',
      values: `image: quay.io/a/b@${old}\n`,
      templates: { 'a.yaml': pod('{{ .Values.image }}') },
    }
    const { original, plan } = await planned({
      metadata: `annotations: {images: "- quay.io/a/b@${old}"}\n`,
      files: { 'list.txt': `${old} ${old}\n` },
      subcharts: [{ ...subchart, as: 'archive' }],
    })
    const { archive, proof } = await applyPlan(original, plan, { digests })
    expect(proof.status).toBe('proven')
    expect(textOf(archive, 'list.txt')).toBe(`${fresh} ${fresh}\n`)
    expect(textOf(archive, 'Chart.yaml')).toContain(`@${fresh}`)
    const within = archive.chart.subcharts[0]?.files.get('values.yaml')
    expect(Buffer.from(within ?? []).toString()).toBe(`image: reg.corp/m/a/b@${fresh}\n`)
  })

  it('is the same plan where none of them is named', async () => {
    const { original, plan } = await planned({
      values: `image: a@${other}\n`,
      templates: { 'a.yaml': pod('{{ .Values.image }}') },
    })
    expect((await applyPlan(original, plan, { digests })).plan).toBe(plan)
  })
})
