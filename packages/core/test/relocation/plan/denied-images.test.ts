import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../../test/kit/charts.ts'
import { errorOf } from '../../../../../test/kit/error-of.ts'
import type { ChartArchive } from '../../../src/helm/chart/chart.ts'
import { readChartArchive } from '../../../src/helm/chart/chart-archive.ts'
import { parseRules } from '../../../src/relocation/model/rule.ts'
import { relocate } from '../../../src/relocation/relocate.ts'

const to = 'reg.corp:5000/m'
const rules = parseRules('rules:\n  - {match: "docker.io/evil/**", deny: not reviewed}\n', 'rules.yaml')

async function chartOf(images: readonly string[], optional: readonly string[]): Promise<ChartArchive> {
  const containers = (key: string, list: readonly string[]): string =>
    list.map((_, at) => `\n    - {name: ${key}${at}, image: "{{ .Values.${key}${at} }}"}`).join('')
  return readChartArchive(
    await buildChart({
      name: 'web',
      values: [
        'metrics: {enabled: false}',
        ...images.map((image, at) => `main${at}: ${image}`),
        ...optional.map((image, at) => `extra${at}: ${image}`),
        '',
      ].join('\n'),
      files: {
        'templates/pod.yaml': `apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:${containers('main', images)}\n{{- if .Values.metrics.enabled }}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: metrics}\nspec:\n  containers:${containers('extra', optional)}\n{{- end }}\n`,
      },
    }),
  )
}

describe('images that a rule denies', () => {
  it('are told all at once, with who wants them and when', async () => {
    const chart = await chartOf(['evil/a:1', 'quay.io/good/b:1', 'evil/c:2'], ['evil/d:3'])
    const error = await errorOf(relocate(chart, { to, rules }))
    expect(error).toMatchObject({ code: 'IMAGE_DENIED' })
    for (const words of ['3 images', 'evil/a:1', 'evil/c:2', 'evil/d:3', 'not reviewed', 'with all features'])
      expect(error.message).toContain(words)
    expect(error.details.failed).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ image: expect.stringContaining('evil/a:1'), isNeeded: true }),
        expect.objectContaining({
          image: expect.stringContaining('evil/d:3'),
          isNeeded: false,
          wantedBy: ['web-1.0.0 (with all features)'],
        }),
      ]),
    )
    expect(error.hint).toContain('--skip-missing=all')
  })

  it('that nothing needs may be left where they are; the others may not', async () => {
    const chart = await chartOf(['quay.io/good/b:1'], ['evil/d:3'])
    expect((await errorOf(relocate(chart, { to, rules }))).hint).toContain('--skip-missing,')
    const { denied, plan } = await relocate(chart, { to, rules, skipDenied: 'unneeded' })
    expect(denied).toEqual([expect.objectContaining({ when: 'with all features' })])
    expect(plan.images.filter((image) => image.from !== image.to).map((image) => image.to)).toEqual([
      'reg.corp:5000/m/good/b:1',
    ])
    const needed = await chartOf(['evil/a:1'], ['evil/d:3'])
    const error = await errorOf(relocate(needed, { to, rules, skipDenied: 'unneeded' }))
    expect(error.message).toContain('evil/a:1')
    expect(error.message).not.toContain('evil/d:3')
  })

  it('are all left where they are where that is asked for', async () => {
    const chart = await chartOf(['evil/a:1', 'quay.io/good/b:1'], ['evil/d:3'])
    const { denied, plan } = await relocate(chart, { to, rules, skipDenied: 'all' })
    expect(denied).toHaveLength(2)
    expect(plan.images.filter((image) => image.from !== image.to).map((image) => image.from)).toEqual([
      'quay.io/good/b:1',
    ])
  })
})
