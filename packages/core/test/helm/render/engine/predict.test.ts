import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../../../test/kit/charts.ts'
import { readChartArchive } from '../../../../src/helm/chart/chart-archive.ts'
import { createPredictor, leavesOf, type Prediction } from '../../../../src/helm/render/engine/predict.ts'
import { engineRenderer } from '../../../../src/helm/render/engine-renderer.ts'

/** Traces one template, predicts with `image.name` changed, and renders that change. */
async function predict(template: string): Promise<Prediction & { readonly actual: string | undefined }> {
  const chart = await buildChart({
    name: 'web',
    values: 'image: {name: docker.io/nginx, tag: "1.2"}\nport: 80\n',
    templates: { 'a.yaml': template },
  })
  const rendering = await engineRenderer().open(await readChartArchive(chart, { fileName: 'web.tgz' }))
  const { documents } = await rendering.trace({})
  const isName = (path: readonly (string | number)[]): boolean => path.join('.') === 'image.name'
  const predictor = createPredictor(({ path }) => (isName(path) ? 'mirror.test/nginx' : undefined), 3)
  const changed = rendering.withLeaves([{ file: 'values.yaml', path: ['image', 'name'], text: 'mirror.test/nginx' }])
  const again = await changed.render({})
  return { ...predictor(documents[0]?.text ?? ''), actual: again.documents[0]?.text }
}

describe('createPredictor', () => {
  it.each([
    ['concatenation', 'image: {{ .Values.image.name }}:{{ .Values.image.tag }}'],
    ['printf and quote', 'image: {{ printf "%s:%s" .Values.image.name .Values.image.tag | quote }}'],
    ['a whole table', 'image:\n  {{- toYaml .Values.image | nindent 2 }}'],
    ['tpl', 'image: {{ tpl "{{ .Values.image.name }}-x" . }}'],
    ['a digest', 'sum: {{ toYaml .Values.image | sha256sum }}'],
    ['base64 of a text with it', 'data: {{ printf "image=%s" .Values.image.name | b64enc }}'],
    ['a digest of base64', 'sum: {{ .Values.image.name | b64enc | sha256sum | trunc 64 }}'],
    ['nothing of it', 'port: {{ .Values.port }}'],
  ])('foretells %s', async (_, template) => {
    const { text, certain, actual } = await predict(template)
    expect(text).toBe(actual)
    expect(certain).toBe(true)
  })

  it.each([
    ['a part of the leaf', 'image: {{ .Values.image.name | trunc 5 }}'],
    ['a part of a digest', 'sum: {{ .Values.image.name | sha256sum | trunc 8 }}'],
    ['another spelling', 'image: {{ .Values.image.name | upper }}'],
    ['its length', 'length: {{ len .Values.image.name }}x'],
  ])('knows where it cannot be sure: %s', async (_, template) => {
    const { text, certain, changed, actual } = await predict(template)
    expect(changed).toBe(true)
    expect(certain || text === actual).toBe(certain && text === actual)
  })
})

describe('leavesOf', () => {
  it('finds what a comparison looked at', async () => {
    const chart = await buildChart({
      name: 'web',
      values: 'a: {kind: x}\nb: w\n',
      templates: { 'a.yaml': '{{ if and (eq .Values.a.kind "x") (ne .Values.b "z") }}kind: A{{ end }}' },
    })
    const rendering = await engineRenderer().open(await readChartArchive(chart, { fileName: 'web.tgz' }))
    const { conditions } = await rendering.trace({})
    const leaves = conditions.map(({ outcome, origins }) => [
      outcome,
      origins.flatMap((origin) => [...leavesOf(origin)].map(({ path }) => path.join('.'))),
    ])
    expect(leaves).toEqual([
      [true, ['a.kind']],
      [true, ['b']],
      [true, ['b']],
    ])
  })
})
