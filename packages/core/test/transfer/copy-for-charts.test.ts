import { describe, expect, it } from 'vitest'
import { memoryPlaces } from '../../../../test/kit/bundles.ts'
import { buildChart } from '../../../../test/kit/charts.ts'
import { errorOf } from '../../../../test/kit/error-of.ts'
import { layerOf, pushImage, pushSignedIndex } from '../../../../test/kit/images.ts'
import { readChartArchive } from '../../src/helm/chart/chart-archive.ts'
import type { ContentRepository } from '../../src/oci/content/content.ts'
import { type RelocateOptions, relocate } from '../../src/relocation/relocate.ts'
import { type ChartToCopy, copyForCharts } from '../../src/transfer/copy-for-charts.ts'

const platforms = [{ os: 'linux', architecture: 'amd64' }]
const template = `apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - {name: web, image: "{{ .Values.image }}"}
`

async function relocated(image: string, options: Partial<RelocateOptions> = {}): Promise<ChartToCopy> {
  const values = `image: ${image}\nextra: {image: {repository: quay.io/acme/gone, tag: "1"}}\n`
  const original = await readChartArchive(await buildChart({ name: 'web', values, templates: { 'a.yaml': template } }))
  return { original, relocation: await relocate(original, { to: 'reg.corp/m', ...options }) }
}

const imageIn = ({ relocation }: ChartToCopy): string =>
  /image: (\S+)/.exec(Buffer.from(relocation?.archive.chart.files.get('values.yaml') ?? []).toString())?.[1] ?? ''

describe('copyForCharts', () => {
  it('leaves a chart alone whose digests stay, and an image that nobody runs', async () => {
    const places = memoryPlaces()
    const { index } = await pushSignedIndex(places.open('quay.io/acme/web'), '1')
    const chart = await relocated(`quay.io/acme/web:1@${index.digest}`)
    const warnings: string[] = []
    const { charts, copied } = await copyForCharts([chart], {
      open: places.open,
      name: 'm',
      report: (event) => event.type === 'warning' && warnings.push(event.message),
    })
    expect(charts[0]).toBe(chart)
    expect(copied.images.map(({ target }) => target.digest)).toEqual([index.digest])
    expect(warnings.join()).toContain('acme/gone')
  })

  it('gives a chart the digest that an image has at the target, and proves it again', async () => {
    const places = memoryPlaces()
    const { index } = await pushSignedIndex(places.open('quay.io/acme/web'), '1')
    const pinDigests = async (): Promise<string> => index.digest
    const pinned = await relocated('quay.io/acme/web:1', { pinDigests })
    for (const chart of [pinned, await relocated(`quay.io/acme/web:1@${index.digest}`)]) {
      const { charts, copied } = await copyForCharts([chart], { open: places.open, name: 'm', platforms })
      const [digest] = copied.images.map(({ target }) => target.digest)
      expect(digest).not.toBe(index.digest)
      expect(charts[0]?.relocation?.proof?.status).toMatch(/^proven/)
      expect(charts.map(imageIn)).toEqual([`reg.corp/m/acme/web:1@${digest}`])
      expect(charts[0]?.relocation?.plan.images.map(({ to }) => to)).toContain(`reg.corp/m/acme/web:1@${digest}`)
    }
  })

  it('copies what the chart names although the tag has moved on since', async () => {
    const places = memoryPlaces()
    const source = places.open('quay.io/acme/web')
    const old = await pushImage(source, { layers: [layerOf('old', 100)], tag: '1' })
    const values = `image: quay.io/acme/web:1\n`
    const templates = { 'a.yaml': template }
    const original = await readChartArchive(await buildChart({ name: 'web', values, templates }))
    const relocation = await relocate(original, { to: 'reg.corp/m', pinDigests: async () => old.digest })
    await pushImage(source, { layers: [layerOf('new', 100)], tag: '1' })
    const { copied } = await copyForCharts([{ original, relocation }], { open: places.open, name: 'm' })
    expect(copied.images.map(({ target }) => target.digest)).toEqual([old.digest])
  })

  it('refuses to give a chart that names what the target has lost, or has made something else of', async () => {
    const places = memoryPlaces()
    await pushSignedIndex(places.open('quay.io/acme/web'), '1')
    const other = await pushImage(places.open('quay.io/acme/web'), { layers: [layerOf('other', 100)], tag: '2' })
    const chart = await relocated('quay.io/acme/web:1')
    const faulty = (resolve: ContentRepository['resolve']): ((name: string) => ContentRepository) => {
      const target = memoryPlaces()
      let pushed = false
      return (name) => {
        if (!name.startsWith('reg.corp')) return places.open(name)
        const place = target.open(name)
        return {
          ...place,
          push: async (...args) => {
            await place.push(...args)
            pushed = true
          },
          resolve: (...args) => (pushed ? resolve(...args) : place.resolve(...args)),
        }
      }
    }
    const run = (resolve: ContentRepository['resolve']) =>
      errorOf(copyForCharts([chart], { open: faulty(resolve), name: 'm' }))
    expect(await run(async () => other)).toMatchObject({ code: 'COPY_INCOMPLETE' })
    const gone = await run((reference) => places.open('reg.corp/nothing').resolve(reference))
    expect(gone).toMatchObject({ code: 'COPY_INCOMPLETE' })
    expect(gone.message).toContain('reg.corp/m/acme/web:1: it is not there')
  })
})
