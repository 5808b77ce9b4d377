import { describe, expect, it } from 'vitest'
import { ChartferryError } from '../../../src/errors.ts'
import { type ChartMetadata, parseChartMetadata } from '../../../src/helm/chart/metadata.ts'

const parse = (text: string): ChartMetadata => parseChartMetadata(text, 'Chart.yaml')
const base = 'apiVersion: v2\nname: web\nversion: 1.0.0\n'

function refusal(text: string): string {
  try {
    parse(text)
  } catch (thrown) {
    if (thrown instanceof ChartferryError) return `${thrown.code} ${thrown.message}`
    throw thrown
  }
  throw new Error('was not refused')
}

describe('parseChartMetadata', () => {
  it('reads every field', () => {
    const text = `apiVersion: v2
name: web
version: v1.2.3-rc.1+x
appVersion: "2.0"
type: library
description: |
  two
  lines
kubeVersion: '>=1.20'
home: https://example.org
icon: https://example.org/i.svg
deprecated: yes
sources: [https://example.org/src]
keywords: [a, 1]
annotations: {a: "1", b: 2, c: true}
maintainers: [{name: M, email: m@example.org}]
dependencies:
- {name: redis, version: ^1.2, repository: https://example.org/charts, condition: redis.enabled, tags: [db], alias: cache, import-values: [data, {child: a, parent: b}]}
extra: {x: 1.10}
`
    const { raw, ...metadata } = parse(text)
    expect(metadata).toEqual({
      apiVersion: 'v2',
      name: 'web',
      version: 'v1.2.3-rc.1+x',
      appVersion: '2.0',
      type: 'library',
      description: 'two lines ',
      kubeVersion: '>=1.20',
      home: 'https://example.org',
      icon: 'https://example.org/i.svg',
      condition: '',
      tags: '',
      deprecated: true,
      sources: ['https://example.org/src'],
      keywords: ['a', '1'],
      annotations: { a: '1', b: '2', c: 'true' },
      maintainers: [{ name: 'M', email: 'm@example.org', url: '' }],
      dependencies: [
        {
          name: 'redis',
          version: '^1.2',
          repository: 'https://example.org/charts',
          condition: 'redis.enabled',
          tags: ['db'],
          enabled: false,
          importValues: ['data', { child: 'a', parent: 'b' }],
          alias: 'cache',
        },
      ],
    })
    expect(raw).toMatchObject({ name: 'web', extra: { x: 1.1 } })
  })

  it('takes numbers for texts as Go prints them', () => {
    expect(parse('name: web\nversion: 1.10\nappVersion: 1e10')).toMatchObject({
      version: '1.1',
      appVersion: '1e+10',
    })
  })

  it('supposes apiVersion v1, and finds keys in any case', () => {
    expect(parse('Name: web\nVERSION: 1.0.0')).toMatchObject({ apiVersion: 'v1', name: 'web', version: '1.0.0' })
  })

  it('takes null for nothing', () => {
    expect(parse(`${base}sources:\nannotations:\ndependencies:\nicon: ~`)).toMatchObject({
      sources: [],
      annotations: {},
      dependencies: [],
      icon: '',
    })
  })

  it('removes what cannot be printed', () => {
    expect(parse(`${base}description: "a\\tb\\e[31mc\\u00a0d\\u200be"`).description).toBe('a b[31mc de')
  })

  it('lets requirements.yaml replace the dependencies, whatever the apiVersion', () => {
    const text = `${base}dependencies: [{name: a, version: "1"}]`
    const requirements = 'dependencies:\n- name: b\n  version: "2"\n'
    const { dependencies } = parseChartMetadata(text, 'Chart.yaml', { requirements })
    expect(dependencies.map(({ name, version }) => [name, version])).toEqual([['b', '2']])
  })

  it.each([
    ['Chart.yaml that is a list', '- name: web', 'CHART_INVALID Chart.yaml: not a mapping'],
    ['Chart.yaml that is a text', 'web', 'CHART_INVALID Chart.yaml: not a mapping'],
    ['empty Chart.yaml', '', 'CHART_INVALID Chart.yaml: the chart has no name'],
    ['Chart.yaml that is no YAML', 'name: [', 'YAML_INVALID Chart.yaml:1:8'],
    ['no name', 'version: 1.0.0', 'CHART_INVALID Chart.yaml: the chart has no name'],
    ['name that is a list', 'name: [web]', 'CHART_INVALID Chart.yaml: name is a list, not a text'],
    ['name with a slash', 'name: a/b\nversion: 1.0.0', 'PATH_UNSAFE Chart.yaml: "a/b" cannot be the name of a chart'],
    ['name that leaves its folder', 'name: ..\nversion: 1.0.0', 'PATH_UNSAFE Chart.yaml: ".." cannot be the name'],
    ['name with a backslash', 'name: a\\b\nversion: 1.0.0', 'PATH_UNSAFE Chart.yaml: "a\\\\b" cannot be the name'],
    ['no version', 'name: web', 'CHART_INVALID Chart.yaml: the chart has no version'],
    [
      'version that is not semantic',
      'name: web\nversion: latest',
      'CHART_INVALID Chart.yaml: version "latest" is not semantic',
    ],
    ['unknown type', `${base}type: app`, 'CHART_INVALID Chart.yaml: type "app" is unknown'],
    [
      'annotations that are a list',
      `${base}annotations: [a]`,
      'CHART_INVALID Chart.yaml: annotations is a list, not a mapping',
    ],
    ['annotation that is a mapping', `${base}annotations: {a: {b: c}}`, 'annotations.a is a mapping, not a text'],
    ['deprecated that is a text', `${base}deprecated: "true"`, 'deprecated is a string, not true or false'],
    ['empty maintainer', `${base}maintainers: [~]`, 'maintainers[0] is null, not a mapping'],
    ['empty dependency', `${base}dependencies: [~]`, 'dependencies[0] is null, not a mapping'],
    [
      'tags that are no list',
      `${base}dependencies: [{name: a, tags: b}]`,
      'Chart.yaml: dependencies[0]: tags is a string, not a list',
    ],
    [
      'alias with a slash',
      `${base}dependencies: [{name: a, alias: ../b}]`,
      'dependencies[0]: alias "../b" has forbidden',
    ],
    ['two dependencies of one name', `${base}dependencies: [{name: a}, {name: b, alias: a}]`, 'name or alias "a"'],
  ])('refuses %s', (_, text, message) => {
    expect(refusal(text)).toContain(message)
  })

  it('is not fooled by __proto__ keys', () => {
    expect(refusal('__proto__: {name: web, version: 1.0.0}')).toBe('CHART_INVALID Chart.yaml: the chart has no name')
    const { annotations } = parse(`${base}annotations: {__proto__: x}`)
    expect(Object.entries(annotations)).toEqual([['__proto__', 'x']])
  })
})
