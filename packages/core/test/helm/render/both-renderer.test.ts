import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../../test/kit/charts.ts'
import { readChartArchive } from '../../../src/helm/chart/chart-archive.ts'
import { bothRenderer } from '../../../src/helm/render/both-renderer.ts'
import type { ChartRenderer, RenderResult } from '../../../src/helm/render/chart-renderer.ts'
import { engineRenderer } from '../../../src/helm/render/engine-renderer.ts'

/** Renders one chart by the engine, and another one where helm would have rendered the same. */
async function compare(
  engineTemplates: Readonly<Record<string, string>>,
  helmTemplates = engineTemplates,
): Promise<RenderResult> {
  const archive = await readChartArchive(await buildChart({ name: 'web', templates: engineTemplates }))
  const other = await readChartArchive(await buildChart({ name: 'web', templates: helmTemplates }))
  const engine = engineRenderer()
  const helm: ChartRenderer = { ...engine, name: 'helm', open: () => engine.open(other) }
  const rendering = await bothRenderer(engine, helm).open(archive)
  try {
    return await rendering.render({})
  } finally {
    await rendering.close()
  }
}

const secret = (name: string): string => `kind: Secret
metadata: {name: ${name}}
data: {password: "{{ randAlphaNum 8 }}", user: admin}
`

describe('bothRenderer', () => {
  it('gives the result, notes included, where both are the same', async () => {
    const { documents, notes } = await compare({ 'a.yaml': 'kind: A', 'NOTES.txt': 'hello' })
    expect(documents).toEqual([{ source: 'web/templates/a.yaml', text: 'kind: A' }])
    expect(notes).toBe('hello')
  })

  it('sets aside what changes from one rendering to the next', async () => {
    await expect(compare({ 'a.yaml': secret('web') })).resolves.toMatchObject({ hooks: [] })
  })

  it('finds a difference beside what changes', async () => {
    await expect(compare({ 'a.yaml': secret('web') }, { 'a.yaml': secret('db') })).rejects.toMatchObject({
      code: 'RENDERERS_DISAGREE',
      details: { source: 'web/templates/a.yaml', path: ['metadata', 'name'], engine: 'web', helm: 'db' },
    })
  })

  it.each([
    ['a number for a text', { 'a.yaml': 'a: 1' }, { 'a.yaml': 'a: "1"' }, /document a \(.*\) is "1" by helm, "1" by/],
    ['another spelling', { 'a.yaml': 'a: x # y' }, { 'a.yaml': 'a: x' }, /is "a: x" by helm, "a: x # y" by the engine/],
    ['a document too few', {}, { 'a.yaml': 'a: 1' }, /"a: 1" by helm, nothing by the engine/],
    ['a document too many', { 'a.yaml': 'a: 1' }, {}, /nothing by helm, "a: 1" by the engine/],
    ['a refusal by the engine', { 'a.yaml': '{{ fail "no" }}' }, {}, /helm renders what the engine refuses: .*no/],
    ['a refusal by helm', {}, { 'a.yaml': '{{ fail "no" }}' }, /the engine renders what helm refuses: .*no/],
  ])('reports %s', async (_, engine, helm, words) => {
    const comparison = compare(engine as Record<string, string>, helm as Record<string, string>)
    await expect(comparison).rejects.toMatchObject({
      code: 'RENDERERS_DISAGREE',
      message: expect.stringMatching(words),
    })
  })

  it('reports another order', async () => {
    const engine = engineRenderer()
    const archive = await readChartArchive(
      await buildChart({ name: 'web', templates: { 'a.yaml': 'kind: A', 'b.yaml': 'kind: B' } }),
    )
    const backwards: ChartRenderer = {
      ...engine,
      async open(given) {
        const rendering = await engine.open(given)
        const render: typeof rendering.render = async (values, options) => {
          const result = await rendering.render(values, options)
          return { ...result, documents: result.documents.toReversed() }
        }
        return { ...rendering, render }
      },
    }
    const rendering = await bothRenderer(engine, backwards).open(archive)
    await expect(rendering.render({})).rejects.toThrow(
      /document 1 is of web\/templates\/b\.yaml by helm, of web\/templates\/a\.yaml by the engine/,
    )
  })

  it('refuses what both refuse', async () => {
    await expect(compare({ 'a.yaml': '{{ fail "no" }}' })).rejects.toMatchObject({ code: 'RENDER_FAILED' })
  })

  it('compares no two major versions', () => {
    expect(() => bothRenderer(engineRenderer({ helm: 3 }), engineRenderer({ helm: 4 }))).toThrow(/cannot be compared/)
  })
})
