import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../../../test/kit/charts.ts'
import { readChartArchive } from '../../../../src/helm/chart/chart-archive.ts'
import { readLeaves } from '../../../../src/helm/chart/leaves.ts'
import type { NamedUse } from '../../../../src/relocation/find/image-use.ts'
import { annotationsFinder } from '../../../../src/relocation/find/written/annotations.ts'

async function named(metadata: string, files: Record<string, string> = {}): Promise<readonly NamedUse[]> {
  const { chart } = await readChartArchive(await buildChart({ name: 'web', metadata, files }))
  return [...annotationsFinder.find(chart, readLeaves(chart))].filter((use) => use.kind === 'named')
}

describe('annotationsFinder', () => {
  it('finds the lists of images that annotations hold, with their places', async () => {
    const metadata = `annotations:
  artifacthub.io/images: |
    - name: web
      image: quay.io/acme/web:1
    - name: side
      image: quay.io/acme/web:1
  images: "- image: acme/b:2\\n"
  helm.sh/images: |
    - name: c
      image: ghcr.io/acme/c:3
      condition: c.enabled
  example.com/text: quay.io/acme/not:1
`
    const uses = await named(metadata)
    expect(uses.map(({ reference, line }) => [reference, line])).toEqual([
      ['quay.io/acme/web:1', 7],
      ['quay.io/acme/web:1', 9],
      ['acme/b:2', 10],
      ['ghcr.io/acme/c:3', 13],
    ])
  })

  it('finds the images of Images.lock', async () => {
    const lock =
      'apiVersion: v0\nkind: ImagesLock\nimages:\n  - name: web\n    image: quay.io/acme/web:1\n    chart: web\n'
    const uses = await named('', { 'Images.lock': lock })
    expect(uses).toMatchObject([{ file: 'Images.lock', line: 5, offset: lock.indexOf('quay.io') }])
  })

  it('finds nothing in annotations that are no lists', async () => {
    expect(await named('annotations: {images: "quay.io/a/b:1 and more", "helm.sh/images": "{"}\n')).toEqual([])
  })
})
