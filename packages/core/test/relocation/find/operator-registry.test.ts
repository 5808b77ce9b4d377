import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../../test/kit/charts.ts'
import { readChartArchive } from '../../../src/helm/chart/chart-archive.ts'
import { type Relocation, relocate } from '../../../src/relocation/relocate.ts'

async function move(spec: string, values: string): Promise<Relocation> {
  const resource = `apiVersion: acme.io/v1\nkind: Store\nmetadata: {name: s}\nspec:\n${spec}\n`
  const chart = await buildChart({ name: 'web', values, templates: { 'store.yaml': resource } })
  return relocate(await readChartArchive(chart), { to: 'reg.corp:5000/m', allowUnresolved: true })
}

const images = ({ plan }: Relocation) => plan.images.map(({ from, to }) => [from, to])

describe('the bare names of a custom resource that names one registry', () => {
  it.each([
    ['dockerRegistryPrefix: {{ .Values.hub }}', 'quay.io/acme'],
    ['imageRegistry: {{ .Values.hub }}', 'quay.io'],
    ['global: {registry: {{ .Values.hub }}}', 'quay.io/acme/x'],
  ])('come from there: %s', async (line, hub) => {
    const result = await move(
      `  ${line}\n  creds: {image: {image: "gen:1.1"}}\n  initImage: init@sha256:${'a'.repeat(64)}`,
      `hub: ${hub}\n`,
    )
    const target = `reg.corp:5000/m${hub.slice('quay.io'.length)}`
    expect(images(result)).toEqual([
      [`${hub}/gen:1.1`, `${target}/gen:1.1`],
      [`${hub}/init@sha256:${'a'.repeat(64)}`, `${target}/init@sha256:${'a'.repeat(64)}`],
    ])
    expect(result.proof).toMatchObject({ status: 'proven', moved: expect.any(Number), notMoved: [] })
    expect(result.plan.unresolved).toEqual([])
  })

  it('do not, where it names two', async () => {
    const spec = '  aRegistry: {{ .Values.a }}\n  bRegistry: {{ .Values.b }}\n  toolImage: acme/gen:1.1'
    const result = await move(spec, 'a: quay.io/a\nb: ghcr.io/b\n')
    expect(images(result)).toContainEqual(['acme/gen:1.1', 'reg.corp:5000/m/acme/gen:1.1'])
  })

  it('do not, where they have their own', async () => {
    const result = await move(
      '  registry: {{ .Values.a }}\n  toolImage: {{ .Values.b }}',
      'a: quay.io/a\nb: ghcr.io/acme/gen:1\n',
    )
    expect(images(result)).toContainEqual(['ghcr.io/acme/gen:1', 'reg.corp:5000/m/acme/gen:1'])
  })
})

describe('a repository that is the host of a registry', () => {
  it('is no image', async () => {
    const result = await move('  size: 1', 'image: {repository: registry.ng.example.net}\n')
    expect(images(result)).toEqual([])
  })
})
