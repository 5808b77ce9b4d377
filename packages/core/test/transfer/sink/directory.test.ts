import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildChart } from '../../../../../test/kit/charts.ts'
import { readChartArchive } from '../../../src/helm/chart/chart-archive.ts'
import { directorySink } from '../../../src/transfer/sink/directory.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartferry-test-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const id = { name: 'web', version: '1.0.0' }

describe('directorySink', () => {
  it('writes archive and provenance into a folder that it makes', async () => {
    const sink = directorySink(join(folder, 'a/b'))
    const archive = await readChartArchive(await buildChart(id), { provenance: new TextEncoder().encode('signed') })
    expect(await sink.has(id)).toBe(false)
    expect(await sink.put(archive)).toBe(join(folder, 'a/b/web-1.0.0.tgz'))
    expect(await sink.has(id)).toBe(true)
    expect((await readFile(join(folder, 'a/b/web-1.0.0.tgz'))).equals(archive.bytes)).toBe(true)
    expect((await readdir(join(folder, 'a/b'))).sort()).toEqual(['web-1.0.0.tgz', 'web-1.0.0.tgz.prov'])
  })

  it('takes away provenance that held for other bytes', async () => {
    const sink = directorySink(folder)
    const bytes = await buildChart(id)
    await sink.put(await readChartArchive(bytes, { provenance: new TextEncoder().encode('signed') }))
    await sink.put(await readChartArchive(bytes))
    expect(await readdir(folder)).toEqual(['web-1.0.0.tgz'])
  })
})
