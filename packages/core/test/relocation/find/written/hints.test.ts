import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../../../test/kit/charts.ts'
import { readChartArchive } from '../../../../src/helm/chart/chart-archive.ts'
import { readLeaves } from '../../../../src/helm/chart/leaves.ts'
import type { WrittenUse } from '../../../../src/relocation/find/image-use.ts'
import { hintsFinder } from '../../../../src/relocation/find/written/hints.ts'

const values = 'image: {registry: quay.io, repository: acme/web, tag: ""}\nwhere: ghcr.io/acme/other:1\n'

async function hinted(hints: string): Promise<readonly WrittenUse[]> {
  const spec = {
    name: 'web',
    values,
    files: { '.relok8s-images.yaml': hints },
    subcharts: [{ name: 'cache', values: 'engine: docker.io/acme/engine\nrelease: "7"\n' }],
  }
  const { chart } = await readChartArchive(await buildChart(spec))
  return [...hintsFinder.find(chart, readLeaves(chart))].filter((use) => use.kind === 'written')
}

describe('hintsFinder', () => {
  it('composes images of the leaves that the templates name, in subcharts too', async () => {
    const uses = await hinted(
      '- "{{ .image.registry }}/{{ .image.repository }}:{{ .image.tag }}"\n- "{{ .where }}"\n- "{{ .cache.engine }}:{{ .cache.release }}"\n',
    )
    expect(uses.map(({ reference }) => reference)).toEqual([
      'quay.io/acme/web',
      'ghcr.io/acme/other:1',
      'docker.io/acme/engine:7',
    ])
    expect(uses.map(({ leaves }) => leaves.map(({ role }) => role))).toEqual([
      ['registry', 'repository', 'tag'],
      ['reference'],
      ['repository', 'repository'],
    ])
  })

  it.each(['- "{{ .nothing.here }}"\n', 'a: b\n', '- [\n', '- 5\n'])('finds nothing in %j', async (hints) => {
    expect(await hinted(hints)).toEqual([])
  })
})
