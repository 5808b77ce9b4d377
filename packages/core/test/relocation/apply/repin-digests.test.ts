import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../../test/kit/charts.ts'
import { digestOf } from '../../../src/digest.ts'
import { readChartArchive } from '../../../src/helm/chart/chart-archive.ts'
import { repinDigests } from '../../../src/relocation/apply/repin-digests.ts'

const [old, fresh, other] = [digestOf('old'), digestOf('fresh'), digestOf('other')]

describe('repinDigests', () => {
  it('replaces a digest wherever it stands, and nothing else', async () => {
    const values = `# ${old}\r\nimage: "quay.io/a/b@${old}"\nother: ${other}\n`
    const archive = await readChartArchive(
      await buildChart({ name: 'web', values, templates: { 'a.yaml': `x: ${old}\n` } }),
    )
    const repinned = await repinDigests(archive, new Map([[old, fresh]]))
    const text = (path: string): string => Buffer.from(repinned.chart.files.get(path) ?? []).toString()
    expect(text('values.yaml')).toBe(values.replaceAll(old, fresh))
    expect(text('templates/a.yaml')).toBe(`x: ${fresh}\n`)
  })

  it('gives the same archive where no digest is named', async () => {
    const archive = await readChartArchive(await buildChart({ name: 'web', values: `image: a@${other}\n` }))
    expect(await repinDigests(archive, new Map([[old, fresh]]))).toBe(archive)
  })
})
