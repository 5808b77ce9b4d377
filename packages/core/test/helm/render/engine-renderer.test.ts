import { describe, expect, it } from 'vitest'
import { buildChart, type ChartSpec } from '../../../../../test/kit/charts.ts'
import { readChartArchive } from '../../../src/helm/chart/chart-archive.ts'
import { type EngineRendererOptions, engineRenderer } from '../../../src/helm/render/engine-renderer.ts'

async function open(spec: ChartSpec, options: EngineRendererOptions = {}) {
  return engineRenderer(options).open(await readChartArchive(await buildChart(spec), { fileName: 'web.tgz' }))
}

/** A chart of one template. */
function chartOf(template: string, more: Partial<ChartSpec> = {}): ChartSpec {
  return { name: 'web', templates: { 'a.yaml': template }, ...more }
}

describe('engineRenderer', () => {
  it.each<readonly [string, string, string]>([
    ['a loop without end and without a body', '{{ range 100000000000 }}{{ end }}', 'RENDER_TIMEOUT'],
    ['a loop without end', '{{ range 100000000000 }}{{ $x := . }}{{ end }}', 'RENDER_TIMEOUT'],
    [
      'a loop that prints without end',
      '{{ range 100000000 }}xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx{{ end }}',
      'OUTPUT_TOO_LARGE',
    ],
    [
      'a text doubled forty times',
      '{{ $x := "xxxxxxxx" }}{{ range 40 }}{{ $x = print $x $x }}{{ end }}',
      'OUTPUT_TOO_LARGE',
    ],
    [
      'templates that call each other for ever',
      '{{ define "a" }}{{ template "b" }}{{ end }}{{ define "b" }}{{ template "a" }}{{ end }}{{ template "a" }}',
      'DEPTH_EXCEEDED',
    ],
    ['a template run by itself through tpl', '{{ tpl .Values.t . }}', 'DEPTH_EXCEEDED'],
    ['a map that holds itself, printed', '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $d }}', 'DEPTH_EXCEEDED'],
    ['parentheses nine thousand deep', `{{ ${'('.repeat(9000)}1${')'.repeat(9000)} }}`, 'DEPTH_EXCEEDED'],
  ])('ends %s', async (_, template, code) => {
    const rendering = await open(chartOf(template, { values: 't: "{{ tpl .Values.t . }}"\n' }), {
      // Only what nothing else ends may be ended by the clock: a slow machine finds the other ends, too.
      timeoutMs: code === 'RENDER_TIMEOUT' ? 300 : 3_600_000,
      limits: { renderBytes: 1 << 20 },
    })
    await expect(rendering.render({})).rejects.toMatchObject({ code })
    await expect(rendering.trace({})).rejects.toMatchObject({ code })
  })

  // Each makes more of one thing than the small allowance of this test; a thousand times the allowance lets it pass.
  it.each([
    ['a list that is appended to', '{{ $l := list }}{{ range until 99 }}{{ $l = append $l . }}{{ end }}'],
    ['a list that is prepended to', '{{ $l := list }}{{ range until 99 }}{{ $l = prepend $l . }}{{ end }}'],
    ['a list that is joined to itself', '{{ $l := list 1 2 }}{{ range until 11 }}{{ $l = concat $l $l }}{{ end }}'],
    ['many lists at once', '{{ $l := until 500 }}{{ $m := concat $l $l $l $l $l $l $l $l }}'],
    ['lists of lists', '{{ $l := list }}{{ range until 13 }}{{ $l = list $l $l }}{{ end }}{{ $_ := toString $l }}'],
    ['a map that is set', '{{ $d := dict }}{{ range until 600 }}{{ $_ := set $d (toString .) . }}{{ end }}'],
    ['maps that are merged', '{{ range until 200 }}{{ $_ := merge (dict "a" 1) (dict "b" 2) }}{{ end }}'],
    [
      'maps in maps, copied',
      '{{ $d := dict }}{{ range until 9 }}{{ $d = dict "a" $d "b" $d }}{{ end }}{{ $_ := deepCopy $d }}',
    ],
    [
      'maps in maps, as YAML',
      '{{ $d := dict }}{{ range until 11 }}{{ $d = dict "a" $d "b" $d }}{{ end }}{{ $_ := toYaml $d }}',
    ],
    [
      'maps in maps, as JSON',
      '{{ $d := dict }}{{ range until 11 }}{{ $d = dict "a" $d "b" $d }}{{ end }}{{ $_ := toJson $d }}',
    ],
    [
      'maps in maps, as TOML',
      '{{ $d := dict }}{{ range until 11 }}{{ $d = dict "a" $d "b" $d }}{{ end }}{{ $_ := toToml $d }}',
    ],
    [
      'maps in maps, printed',
      '{{ $d := dict }}{{ range until 11 }}{{ $d = dict "a" $d "b" $d }}{{ end }}{{ $_ := printf "%v" $d }}',
    ],
    ['a text that is doubled', '{{ $x := "x" }}{{ range until 16 }}{{ $x = cat $x $x }}{{ end }}'],
    ['a text that is repeated', '{{ $_ := repeat 40000 "x" }}'],
    ['a text that is indented', '{{ $_ := indent 200 (repeat 200 "x\\n") }}'],
    ['a text whose parts are replaced', '{{ $_ := replace "x" (repeat 200 "y") (repeat 200 "x") }}'],
    ['nothing that is replaced', '{{ $_ := replace "" (repeat 200 "y") (repeat 200 "x") }}'],
    ['matches that are replaced', '{{ $_ := regexReplaceAll "x" (repeat 200 "x") (repeat 200 "y") }}'],
    ['matches that are found', '{{ $_ := regexFindAll "x" (repeat 2000 "x") -1 }}'],
    ['a text that is split', '{{ $_ := splitList "," (repeat 2500 ",") }}'],
    ['a text that is split into characters', '{{ $_ := splitList "" (repeat 2500 ",") }}'],
    ['a text that is split by an expression', '{{ $_ := regexSplit "," (repeat 2500 ",") -1 }}'],
    ['elements that are joined', '{{ $_ := join (repeat 200 "-") (until 200) }}'],
    ['a width', '{{ $_ := printf "%40000d" 1 }}'],
    ['widths', '{{ $_ := printf "%9000d%9000d%9000d%9000d%9000d" 1 2 3 4 5 }}'],
    ['a text that is run as a template', '{{ $_ := tpl (repeat 300 "x") . }}'],
    ['YAML that is read', '{{ $_ := fromYamlArray (repeat 2500 "- 1\\n") }}'],
    ['texts that are thrown away', '{{ range until 400 }}{{ $_ := upper (repeat 100 "x") }}{{ end }}'],
  ])('counts %s', async (_title, template) => {
    const text = template.replaceAll('\\\\n', '\\n')
    const render = async (renderAllocation: number) => {
      const rendering = await open(chartOf(text), { limits: { renderAllocation } })
      return Promise.allSettled([rendering.render({}), rendering.trace({})])
    }
    const refused = { status: 'rejected', reason: expect.objectContaining({ code: 'OUTPUT_TOO_LARGE' }) }
    expect(await render(32_768)).toEqual([refused, refused])
    expect((await render(32_768_000)).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
  })

  it('counts each rendering for itself', async () => {
    const rendering = await open(chartOf('{{ $_ := repeat 20000 "x" }}kind: A\n'), {
      limits: { renderAllocation: 32_768 },
    })
    for (let count = 0; count < 3; count++) expect((await rendering.render({})).documents).toHaveLength(1)
  })

  it('is ended inside of one call, too, and renders again afterwards', async () => {
    const slow =
      '{{ if .Values.slow }}{{ $l := list }}{{ range until 9000 }}{{ $l = append $l (list .) }}{{ end }}{{ $_ := uniq $l }}{{ end }}kind: A\n'
    const rendering = await open(chartOf(slow), { limits: { renderAllocation: 2 ** 40 } })
    const refused = rendering.render({ set: ['slow=true'] }, { timeoutMs: 1 })
    await expect(refused).rejects.toMatchObject({ code: 'RENDER_TIMEOUT', message: expect.stringContaining('web') })
    expect((await rendering.render({})).documents).toHaveLength(1)
  })

  it('renders the same chart again and again without a memory of values set by templates', async () => {
    const rendering = await open(
      chartOf('{{ $_ := set .Values.m "n" 1 }}kind: A\nv: {{ toJson .Values | quote }}\n', { values: 'm: {}\n' }),
    )
    const first = await rendering.render({})
    expect(await rendering.render({})).toEqual(first)
    expect((await rendering.render({ set: ['m.x=1'] })).documents[0]?.text).toBe(
      'kind: A\nv: "{\\"m\\":{\\"n\\":1,\\"x\\":1}}"',
    )
  })

  it('leaves the schema aside when told so', async () => {
    const spec = chartOf('kind: A\n', { files: { 'values.schema.json': '{"required":["a"]}' } })
    await expect((await open(spec)).render({})).rejects.toMatchObject({ code: 'RENDER_FAILED' })
    expect((await (await open(spec, { skipSchema: true })).render({})).documents).toHaveLength(1)
  })

  it('fetches no schema that a schema refers to', async () => {
    const schema = '{"properties":{"a":{"$ref":"https://example.com/schema.json"}}}'
    const rendering = await open(chartOf('kind: A\n', { values: 'b: 1\n', files: { 'values.schema.json': schema } }))
    await expect(rendering.render({})).rejects.toMatchObject({
      message: expect.stringContaining('failing loading "https://example.com/schema.json"') as string,
    })
  })

  it('takes the schemas that it is given', async () => {
    const schema = '{"properties":{"a":{"$ref":"https://example.com/a.json#/definitions/x"}}}'
    const schemas = { 'https://example.com/a.json': '{"definitions":{"x":{"type":"integer"}}}' }
    const spec = chartOf('kind: A\n', { values: 'a: text\n', files: { 'values.schema.json': schema } })
    const rendering = await open(spec, { schemas })
    await expect(rendering.render({})).rejects.toMatchObject({
      message: expect.stringContaining("at '/a': got string, want integer") as string,
    })
    expect((await rendering.render({ set: ['a=1'] })).documents).toHaveLength(1)
  })

  it('takes the text of a file as a value, and says of it where it is from', async () => {
    const rendering = await open(chartOf('text: {{ .Values.a.b | quote }}\n'))
    const values = { setFile: [{ key: 'a.b', text: 'one, {two}\n' }] }
    expect((await rendering.render(values)).documents[0]?.text).toBe('text: "one, {two}\\n"')
  })

  it('leaves out what fails when it is lenient, however often', async () => {
    const template =
      '{{ define "t" }}{{ fail "no" }}{{ .a.b.c }}{{ end }}kind: A\nx: {{ range until 1500 }}{{ include "t" $ }}{{ end }}y\n'
    const rendering = await open(chartOf(template), { lenient: true })
    expect((await rendering.render({})).documents[0]?.text).toBe('kind: A\nx: y')
  })

  it('names the archive that does not render', async () => {
    const rendering = await open(chartOf('{{ fail "no" }}'))
    await expect(rendering.render({})).rejects.toMatchObject({
      message: 'web.tgz does not render: execution error at (web/templates/a.yaml:1:3): no',
    })
  })

  it('has the clock it was given', async () => {
    const rendering = await open(chartOf('year: {{ now | date "2006" }}\n'), { now: () => new Date('1999-06-01') })
    expect((await rendering.render({})).documents[0]?.text).toBe('year: 1999')
  })

  it('gives the notes of the top chart', async () => {
    const spec: ChartSpec = { name: 'web', templates: { 'NOTES.txt': 'Hello {{ .Release.Name }}' } }
    expect((await (await open(spec)).render({})).notes).toBe('Hello release-name')
  })

  it('renders with other leaves, also of a subchart in an archive', async () => {
    const child: ChartSpec & { as: 'archive' } = {
      ...chartOf('image: {{ .Values.image }}\n', { values: 'image: a\n' }),
      name: 'db',
      as: 'archive',
    }
    const rendering = await open({ name: 'web', subcharts: [child] })
    const file = 'charts/db-1.0.0.tgz!values.yaml'
    const changed = rendering.withLeaves([{ file, path: ['image'], text: 'b' }])
    expect((await changed.render({})).documents[0]?.text).toBe('image: b')
    expect((await rendering.render({})).documents[0]?.text).toBe('image: a')
  })

  it('lints as helm does: errors count, warnings do not', async () => {
    const sound = await open(chartOf('kind: A\n', { values: 'a: 1\n' }))
    expect(await sound.lint()).toEqual({ ok: true, messages: [] })
    const faulty = await open(
      chartOf('kind: Deployment\nmetadata: {name: x}\n', { metadata: 'icon: nowhere\nappVersion: 1\n' }),
    )
    expect(await faulty.lint()).toEqual({
      ok: false,
      messages: [
        "[ERROR] Chart.yaml: appVersion should be of type string but it's of type float64",
        "[ERROR] Chart.yaml: invalid icon URL 'nowhere'",
        '[ERROR] templates/a.yaml: a Deployment must contain matchLabels or matchExpressions, and "x" does not',
      ],
    })
  })

  it('does not fail for fail and required when it lints', async () => {
    const rendering = await open(chartOf('a: {{ fail "no" }}{{ required "x" .Values.x }}\n', { values: 'b: 1\n' }))
    expect(await rendering.lint()).toEqual({ ok: true, messages: [] })
  })
})
