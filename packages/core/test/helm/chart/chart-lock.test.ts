import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../../test/kit/charts.ts'
import { readChartArchive } from '../../../src/helm/chart/chart-archive.ts'
import { chartLock, parseChartLock } from '../../../src/helm/chart/chart-lock.ts'

const lock = `dependencies:
- name: redis
  repository: https://example.org/charts
  version: 1.2.3
digest: sha256:abc
generated: "2026-01-02T03:04:05.678Z"
`

describe('parseChartLock', () => {
  it('reads versions, digest and time', () => {
    const { dependencies, ...rest } = parseChartLock(lock, 'Chart.lock')
    expect(rest).toEqual({ digest: 'sha256:abc', generated: '2026-01-02T03:04:05.678Z' })
    expect(dependencies).toMatchObject([{ name: 'redis', repository: 'https://example.org/charts', version: '1.2.3' }])
  })

  it('takes an empty file for a lock of nothing', () => {
    expect(parseChartLock('', 'Chart.lock')).toEqual({ dependencies: [], digest: '', generated: '' })
  })

  it('refuses a list', () => {
    expect(() => parseChartLock('- a', 'Chart.lock')).toThrow(
      expect.objectContaining({ code: 'CHART_INVALID', message: 'Chart.lock: not a mapping' }),
    )
  })
})

describe('chartLock', () => {
  it('finds the lock under either name', async () => {
    for (const file of ['Chart.lock', 'requirements.lock']) {
      const { chart } = await readChartArchive(await buildChart({ name: 'web', files: { [file]: lock } }))
      expect(chartLock(chart)?.digest).toBe('sha256:abc')
    }
    expect(chartLock((await readChartArchive(await buildChart({ name: 'web' }))).chart)).toBeUndefined()
  })
})
