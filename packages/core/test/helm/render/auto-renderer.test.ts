import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../../test/kit/charts.ts'
import type { ChartArchive } from '../../../src/helm/chart/chart.ts'
import { readChartArchive } from '../../../src/helm/chart/chart-archive.ts'
import { autoRenderer } from '../../../src/helm/render/auto-renderer.ts'
import type { ChartRenderer, RenderResult } from '../../../src/helm/render/chart-renderer.ts'
import { engineRenderer } from '../../../src/helm/render/engine-renderer.ts'
import { workerRenderer } from '../../../src/helm/render/worker-renderer.ts'

/** Includes nested as deep as Helm allows: too deep for the stack of this thread, not for that of a worker with more of it. */
const nested = `{{ define "down" }}{{ if gt . 0 }}{{ include "down" (sub . 1) }}{{ else }}ground{{ end }}{{ end -}}
at: {{ include "down" 990 }}
`

async function chartOf(template: string): Promise<ChartArchive> {
  return readChartArchive(await buildChart({ name: 'web', templates: { 'a.yaml': template } }))
}

async function renderOnce(renderer: ChartRenderer, archive: ChartArchive): Promise<RenderResult> {
  const rendering = await renderer.open(archive)
  try {
    return await rendering.render({})
  } finally {
    await rendering.close()
  }
}

describe('autoRenderer', () => {
  it('renders with the other renderer what the engine cannot, and says so', async () => {
    const told: unknown[] = []
    const renderer = autoRenderer(engineRenderer(), {
      findHelm: async () => workerRenderer(),
      onFallback: (_, error) => told.push(error),
    })
    const { documents } = await renderOnce(renderer, await chartOf(nested))
    expect(documents.map(({ text }) => text)).toEqual(['at: ground'])
    expect(told).toMatchObject([{ code: 'DEPTH_EXCEEDED' }])
  })

  it('throws what the engine throws where there is no other', async () => {
    await expect(renderOnce(autoRenderer(engineRenderer()), await chartOf(nested))).rejects.toMatchObject({
      code: 'DEPTH_EXCEEDED',
    })
  })

  it.each([
    ['a refusal', '{{ fail "no" }}', 'RENDER_FAILED', {}],
    ['an output above the limit', '{{ repeat 5000 "a" }}', 'OUTPUT_TOO_LARGE', { limits: { renderBytes: 1000 } }],
  ])('asks no other after %s', async (_, template, code, options) => {
    const renderer = autoRenderer(engineRenderer(options), { findHelm: () => expect.unreachable() })
    await expect(renderOnce(renderer, await chartOf(template))).rejects.toMatchObject({ code })
  })
})
