import { describe, expect, it } from 'vitest'
import { buildChart, type ChartSpec } from '../../../../../test/kit/charts.ts'
import { readChartArchive } from '../../../src/helm/chart/chart-archive.ts'
import { createPredictor } from '../../../src/helm/render/engine/predict.ts'
import { workerRenderer } from '../../../src/helm/render/worker-renderer.ts'
import { bare } from '../../../src/helm/template/text.ts'
import { TracedText } from '../../../src/helm/template/value.ts'

async function open(spec: ChartSpec, options: Parameters<typeof workerRenderer>[0] = {}) {
  return workerRenderer(options).open(await readChartArchive(await buildChart(spec), { fileName: 'web.tgz' }))
}

const web: ChartSpec = {
  name: 'web',
  values: 'image: {name: nginx, tag: "1.2"}\n',
  templates: {
    'a.yaml':
      'kind: A\nimage: {{ .Values.image.name }}:{{ .Values.image.tag }}\nsum: {{ sha256sum (toYaml .Values.image) }}\n',
  },
}

describe('workerRenderer', () => {
  it('renders many times in one thread', async () => {
    const rendering = await open(web)
    const results = await Promise.all(['a', 'b'].map((tag) => rendering.render({ set: [`image.tag=${tag}`] })))
    expect(results.map(({ documents }) => /image: .*/.exec(documents[0]?.text ?? '')?.[0])).toEqual([
      'image: nginx:a',
      'image: nginx:b',
    ])
    await rendering.close()
  })

  it('brings spans and calls over from the thread', async () => {
    const rendering = await open(web)
    const { documents } = await rendering.trace({})
    const text = documents[0]?.text ?? ''
    expect(text).toBeInstanceOf(TracedText)
    const predicted = createPredictor((leaf) => (leaf.path.at(-1) === 'name' ? 'mirror/nginx' : undefined), 3)(text)
    const changed = rendering.withLeaves([{ file: 'values.yaml', path: ['image', 'name'], text: 'mirror/nginx' }])
    const again = await changed.render({})
    expect(predicted).toEqual({ text: again.documents[0]?.text, changed: true, certain: true })
    expect(bare(text)).not.toBe(predicted.text)
    await Promise.all([rendering.close(), changed.close()])
  })

  it('passes on what the engine refuses', async () => {
    const rendering = await open({ name: 'web', templates: { 'a.yaml': '{{ fail "no" }}' } })
    await expect(rendering.render({})).rejects.toMatchObject({
      code: 'RENDER_FAILED',
      message: 'web.tgz does not render: execution error at (web/templates/a.yaml:1:3): no',
    })
    await rendering.close()
  })

  it('has the stack for as many nested includes as Helm allows', async () => {
    const rendering = await open({
      name: 'web',
      templates: { 'a.yaml': '{{ define "t" }}{{ include "t" . }}{{ end }}{{ include "t" . }}' },
    })
    await expect(rendering.render({})).rejects.toMatchObject({
      code: 'RENDER_FAILED',
      message: expect.stringContaining('rendering template has a nested reference name: t') as string,
    })
    await rendering.close()
  })

  it('is stopped by its signal and renders again afterwards', async () => {
    const rendering = await open({
      name: 'web',
      templates: { 'a.yaml': '{{ if .Values.loop }}{{ range 1000000000 }}{{ $x := . }}{{ end }}{{ end }}kind: A\n' },
    })
    const stop = new AbortController()
    const endless = rendering.render({ set: ['loop=true'] }, { signal: stop.signal })
    stop.abort()
    await expect(endless).rejects.toMatchObject({ code: 'CANCELLED' })
    expect((await rendering.render({})).documents).toHaveLength(1)
    await rendering.close()
  })

  it('ends at its deadline', async () => {
    const rendering = await open(
      { name: 'web', templates: { 'a.yaml': '{{ range 1000000000 }}{{ $x := . }}{{ end }}' } },
      { timeoutMs: 50 },
    )
    await expect(rendering.render({})).rejects.toMatchObject({ code: 'RENDER_TIMEOUT' })
    await rendering.close()
  })
})
