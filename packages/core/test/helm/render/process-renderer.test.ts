import { describe, expect, it } from 'vitest'
import { buildChart, type ChartSpec } from '../../../../../test/kit/charts.ts'
import { readChartArchive } from '../../../src/helm/chart/chart-archive.ts'
import { processRenderer } from '../../../src/helm/render/process-renderer.ts'
import { bare } from '../../../src/helm/template/text.ts'

async function open(spec: ChartSpec) {
  return processRenderer().open(await readChartArchive(await buildChart(spec), { fileName: 'web.tgz' }))
}

/** A template that includes itself so many times: Helm allows a thousand, the stack of a process does not. */
const nested = (times: number): string =>
  `{{ define "t" }}{{ if gt (int .) 0 }}{{ include "t" (sub (int .) 1) }}{{ else }}end{{ end }}{{ end }}kind: A\nv: {{ include "t" ${times} }}\n`

describe('processRenderer', () => {
  it('renders what is nested as deep as Helm allows', async () => {
    const rendering = await open({ name: 'web', templates: { 'a.yaml': nested(990) } })
    const { documents } = await rendering.render({})
    expect(documents[0]?.text).toBe('kind: A\nv: end')
    const traced = await rendering.trace({})
    expect(bare(traced.documents[0]?.text ?? '')).toBe('kind: A\nv: end')
    await rendering.close()
  })

  it('keeps changed leaves when it turns to a thread', async () => {
    const rendering = await open({
      name: 'web',
      values: 'n: 990\n',
      templates: { 'a.yaml': nested(990).replace('990', '.Values.n') },
    })
    const changed = rendering.withLeaves([{ file: 'values.yaml', path: ['n'], text: '991' }])
    expect((await changed.render({})).documents[0]?.text).toBe('kind: A\nv: end')
    await Promise.all([rendering.close(), changed.close()])
  })

  it('passes on what the engine refuses', async () => {
    const rendering = await open({ name: 'web', templates: { 'a.yaml': '{{ fail "no" }}' } })
    await expect(rendering.render({})).rejects.toMatchObject({ code: 'RENDER_FAILED' })
    await rendering.close()
  })
})
