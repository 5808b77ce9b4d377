import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { buildChart } from '../../../../../test/kit/charts.ts'
import { describeWithTools } from '../../../../../test/kit/tools.ts'
import { startUpstream } from '../../../../../test/kit/upstream.ts'
import { readChartArchive } from '../../../src/helm/chart/chart-archive.ts'
import { parseChartLock } from '../../../src/helm/chart/chart-lock.ts'
import { isLockInSync, lockDigest } from '../../../src/helm/chart/lock-digest.ts'

const execute = promisify(execFile)

describeWithTools('lockDigest', ['helm3', 'helm4'], (helms) => {
  it.each(['helm3', 'helm4'] as const)('is what %s writes', async (name) => {
    const folder = await mkdtemp(join(tmpdir(), 'chartferry-lock-'))
    const upstream = await startUpstream([{ name: 'cache' }, { name: 'store' }])
    try {
      const url = upstream.url
      const asked = `dependencies:
  - {name: cache, version: ">=1.0.0 <2.0.0", repository: "${url}", condition: "cache.enabled,a&b", tags: [a, b], alias: first}
  - {name: store, version: 1.0.0, repository: "${url}", import-values: [data, {parent: z, child: a}]}
`
      const text = `apiVersion: v2\nname: web\nversion: 1.0.0\n${asked}`
      await writeFile(join(folder, 'Chart.yaml'), text)
      const env = { PATH: process.env.PATH ?? '', HOME: folder }
      await execute(helms[name], ['dependency', 'update', folder], { env })
      const lock = parseChartLock(await readFile(join(folder, 'Chart.lock'), 'utf8'), 'Chart.lock')
      const { chart } = await readChartArchive(await buildChart({ name: 'web', metadata: asked }))
      expect(lockDigest(chart.metadata.dependencies, lock.dependencies)).toBe(lock.digest)
      expect(isLockInSync(chart, lock)).toBe(true)
      expect(isLockInSync(chart, { ...lock, dependencies: [] })).toBe(false)
    } finally {
      await upstream.close()
      await rm(folder, { recursive: true, force: true })
    }
  })
})
