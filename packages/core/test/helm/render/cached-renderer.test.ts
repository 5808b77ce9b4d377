import { beforeEach, describe, expect, it } from 'vitest'
import { buildChart } from '../../../../../test/kit/charts.ts'
import type { ChartArchive } from '../../../src/helm/chart/chart.ts'
import { readChartArchive } from '../../../src/helm/chart/chart-archive.ts'
import { cachedRenderer } from '../../../src/helm/render/cached-renderer.ts'
import type { ChartRenderer } from '../../../src/helm/render/chart-renderer.ts'
import { engineRenderer } from '../../../src/helm/render/engine-renderer.ts'
import type { BlobStore } from '../../../src/storage/blob-store.ts'
import { openMemoryStore } from '../../../src/storage/memory-store.ts'

let store: BlobStore
let runs: string[]
let archive: ChartArchive

/** The engine, which says when it works. */
function counting(): ChartRenderer {
  const engine = engineRenderer()
  return {
    ...engine,
    async open(chart) {
      const rendering = await engine.open(chart)
      return {
        ...rendering,
        render: (values, options) => {
          runs.push('render')
          return rendering.render(values, options)
        },
        lint: (options) => {
          runs.push('lint')
          return rendering.lint(options)
        },
      }
    },
  }
}

beforeEach(async () => {
  store = openMemoryStore()
  runs = []
  const templates = { 'a.yaml': 'kind: A\nat: {{ now | date "2006" }}\nn: {{ .Values.n }}\n' }
  archive = await readChartArchive(await buildChart({ name: 'web', values: 'n: 1\n', templates }))
})

describe('cachedRenderer', () => {
  it('renders the same once, whichever process asks', async () => {
    const results = []
    for (const renderer of [cachedRenderer(counting(), store), cachedRenderer(counting(), store)]) {
      const rendering = await renderer.open(archive)
      results.push(await rendering.render({ set: ['n=2'] }, { kubeVersion: '1.31.0' }), await rendering.lint())
      await rendering.close()
    }
    expect(results[2]).toEqual(results[0])
    expect(results[3]).toEqual(results[1])
    expect(runs).toEqual(['render', 'lint'])
  })

  it('renders anew what differs in chart, values or context, and what has to be fresh', async () => {
    const rendering = await cachedRenderer(counting(), store).open(archive)
    await rendering.render({})
    await rendering.render({}, { fresh: true })
    await rendering.render({ set: ['n=2'] })
    await rendering.render({}, { kubeVersion: '1.30.0' })
    const other = await readChartArchive(await buildChart({ name: 'web', version: '2.0.0' }))
    await (await cachedRenderer(counting(), store).open(other)).render({})
    expect(runs).toHaveLength(5)
  })

  it('keeps no failure, and does without a store that holds rubbish', async () => {
    const rendering = await cachedRenderer(counting(), store).open(archive)
    for (let turn = 0; turn < 2; turn++)
      await expect(rendering.render({ set: ['[='] })).rejects.toMatchObject({ code: expect.any(String) })
    expect(runs).toHaveLength(2)
    await rendering.render({})
    for await (const key of store.list('renderings/')) await store.put(key, Buffer.from('rubbish'))
    expect((await rendering.render({})).documents).toHaveLength(1)
    expect(runs).toHaveLength(4)
  })
})
