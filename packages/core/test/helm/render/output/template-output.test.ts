import { describe, expect, it } from 'vitest'
import type { RenderResult } from '../../../../src/helm/render/chart-renderer.ts'
import { formatTemplateOutput } from '../../../../src/helm/render/output/template-output.ts'

const hook = (name: string, events: string): RenderResult['hooks'][number] => ({
  source: `web/templates/${name}.yaml`,
  text: `kind: Pod\nmetadata:\n  annotations: {helm.sh/hook: "${events}"}`,
})
const rendered: RenderResult = {
  documents: [
    { source: 'web/crds/a.yaml', text: 'kind: A\n' },
    { source: 'web/charts/db/crds/b.yaml', text: 'kind: B\n' },
    { source: 'web/templates/crds/c.yaml', text: 'kind: C' },
  ],
  hooks: [hook('install', 'pre-install, post-install'), hook('probe', 'pre-install,TEST-success')],
}
const sources = (output: string): readonly string[] =>
  [...output.matchAll(/^# Source: (.*)$/gm)].map(([, source]) => source ?? '')

describe('formatTemplateOutput', () => {
  it('leaves out files of crds/ at every level, and no template of that name', () => {
    expect(sources(formatTemplateOutput(rendered, { noHooks: true }))).toEqual(['web/templates/crds/c.yaml'])
    expect(sources(formatTemplateOutput(rendered, { noHooks: true, includeCrds: true }))).toHaveLength(3)
  })

  it('leaves out tests, whatever other events they have', () => {
    expect(sources(formatTemplateOutput(rendered, { skipTests: true }))).toEqual([
      'web/templates/crds/c.yaml',
      'web/templates/install.yaml',
    ])
  })

  it('shows documents in the order in which patterns ask for them', () => {
    const showOnly = ['templates/pr*.yaml', 'templates/*/*']
    expect(sources(formatTemplateOutput(rendered, { showOnly }))).toEqual([
      'web/templates/probe.yaml',
      'web/templates/crds/c.yaml',
    ])
  })

  it('refuses a pattern that shows nothing, as helm does', () => {
    expect(() => formatTemplateOutput(rendered, { showOnly: ['templates/none.yaml'] })).toThrow(
      'could not find template templates/none.yaml in chart',
    )
  })

  it('prints an empty line for nothing', () => {
    expect(formatTemplateOutput({ documents: [], hooks: [] })).toBe('\n')
  })
})
