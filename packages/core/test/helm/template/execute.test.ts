import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { randomTemplates } from '../../../../../test/oracle/random-templates.ts'
import { templateData, writtenTemplates } from '../../../../../test/oracle/template-cases.ts'
import { traceLeaves } from '../../../src/helm/render/values/trace-values.ts'
import { builtins } from '../../../src/helm/template/builtins.ts'
import { execute } from '../../../src/helm/template/execute.ts'
import { parseTemplate } from '../../../src/helm/template/parser.ts'
import type { Run } from '../../../src/helm/template/state.ts'
import { createTemplateSet, sourceText } from '../../../src/helm/template/template-set.ts'
import { bare } from '../../../src/helm/template/text.ts'
import { type CallContext, GoError, GoList, GoMap, TracedText, type Value } from '../../../src/helm/template/value.ts'

interface Answer {
  readonly output?: string
  readonly error?: string
}

/** What Go's own text/template answered; `test/oracle/record-templates.ts` asks it again. */
const recorded = JSON.parse(readFileSync(new URL('go-templates.json', import.meta.url), 'utf8')) as {
  readonly seed: number
  readonly count: number
  readonly answers: readonly (string | { readonly error: string })[]
}
const templates = [...writtenTemplates, ...randomTemplates(recorded.seed, recorded.count)]

function answerOf(index: number): Answer {
  const answer = recorded.answers[index]
  return typeof answer === 'object' ? answer : { output: answer ?? '' }
}

function goValue(json: unknown): Value {
  if (Array.isArray(json)) return new GoList(json.map(goValue))
  if (typeof json === 'object' && json !== null) {
    return new GoMap(Object.entries(json).map(([key, value]) => [key, goValue(value)] as const))
  }
  return json as string | number | boolean | null
}

/** Runs one template with the builtins alone. */
function run(template: string, data: Value, traced = false, bounds: Partial<Run['bounds']> = {}): string | TracedText {
  const functions = new Map(builtins.map((fn) => [fn.name, fn]))
  const templates = createTemplateSet()
  templates.add(parseTemplate(sourceText('t.yaml', template, { file: 't.yaml' }), (name) => functions.has(name)))
  const context: CallContext = {
    helm: 3,
    lint: false,
    traced,
    now: () => new Date(0),
    include: () => '',
    tpl: () => '',
  }
  const main = templates.lookup('t.yaml') ?? { name: 't.yaml', body: [] }
  const shared: Run = {
    functions,
    bounds: {
      outputLeft: 1e6,
      deadline: Date.now() + 60_000,
      statementsToClock: 0,
      depth: 0,
      maxDepth: 100,
      ...bounds,
    },
    lenient: false,
    conditions: undefined,
    volatile: false,
  }
  return execute(main, data, shared, templates, context)
}

function outcome(template: string, traced: boolean): Answer {
  try {
    const data = goValue(templateData)
    return { output: bare(run(template, traced ? traceLeaves(data, 'values.yaml') : data, traced)) }
  } catch (error) {
    if (!(error instanceof GoError)) throw error
    return { error: error.message }
  }
}

describe('execute', () => {
  it.each(writtenTemplates.map((template, index) => [template, index] as const))(
    'prints or fails as Go does: %s',
    (template, index) => {
      expect(outcome(template, false)).toEqual(answerOf(index))
      expect(outcome(template, true)).toEqual(answerOf(index))
    },
  )

  it('prints or fails as Go does, template by random template', () => {
    expect(recorded.answers).toHaveLength(templates.length)
    templates.forEach((template, index) => {
      expect([template, outcome(template, false)]).toEqual([template, answerOf(index)])
      expect([template, outcome(template, true)]).toEqual([template, answerOf(index)])
    })
  })

  it('stops at the bound of output', () => {
    expect(() => run('{{ range 100000 }}xxxxxxxxxxxxxxxxxxxx{{ end }}', null)).toThrowError(
      expect.objectContaining({ code: 'OUTPUT_TOO_LARGE' }),
    )
  })

  it('stops at the bound of time', () => {
    expect(() =>
      run('{{ range 1000000000 }}{{ $x := . }}{{ end }}', null, false, { deadline: Date.now() - 1 }),
    ).toThrowError(expect.objectContaining({ code: 'RENDER_TIMEOUT' }))
  })

  it('stops templates that call themselves for ever', () => {
    expect(() => run('{{ define "t" }}{{ template "t" }}{{ end }}{{ template "t" }}', null)).toThrowError(
      expect.objectContaining({ code: 'DEPTH_EXCEEDED' }),
    )
  })

  it('tells leaves and literals apart', () => {
    const values = traceLeaves(goValue({ image: { name: 'nginx', tag: '1.2' } }), 'values.yaml')
    const text = run('image: {{ .image.name }}:{{ printf "%s" .image.tag }}', values, true)
    expect(text).toBeInstanceOf(TracedText)
    const spans = (text as TracedText).spans.map(({ start, end, origin }) => [
      bare(text).slice(start, end),
      origin.kind === 'leaf' ? origin.path.join('.') : origin.kind,
    ])
    expect(spans).toEqual([
      ['image: ', 'literal'],
      ['nginx', 'image.name'],
      [':', 'literal'],
      ['1.2', 'image.tag'],
    ])
  })
})
