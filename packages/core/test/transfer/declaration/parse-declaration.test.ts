import { describe, expect, it } from 'vitest'
import { isChartferryError } from '../../../src/errors.ts'
import { parseDeclaration } from '../../../src/transfer/declaration/parse-declaration.ts'

const hex = 'ab'.repeat(32)

describe('parseDeclaration', () => {
  it('reads everything', () => {
    const text = `
target: registry.corp:5000/mirror
mode: host-path
fileRepository: https://s3.eu-west-1.amazonaws.com/assets/kops
kubeVersion: "1.30"
apiVersions: [monitoring.coreos.com/v1]
platforms: [linux/amd64, linux/arm64/v8]
charts:
  - prometheus/node-exporter
  - chart: web
    repo: https://charts.example.com
    version: ^1.2.0
    values:
      - values-prod.yaml
      - replicas: 3
  - chart: ./local
    values: one.yaml
images: [quay.io/acme/tool:1.2]
files:
  - https://dl.k8s.io/release/v1.30.0/bin/linux/amd64/kubectl
  - url: https://example.com/tool.tgz
    sha256: ${hex.toUpperCase()}
rules:
  - match: gcr.io/distroless/*
    keep: true
`
    expect(parseDeclaration(text, 'chartferry.yaml')).toEqual({
      target: 'registry.corp:5000/mirror',
      mode: 'host-path',
      registries: [],
      fileRepository: 'https://s3.eu-west-1.amazonaws.com/assets/kops',
      kubeVersion: '1.30',
      apiVersions: ['monitoring.coreos.com/v1'],
      platforms: ['linux/amd64', 'linux/arm64/v8'],
      charts: [
        { chart: 'prometheus/node-exporter', values: [] },
        {
          chart: 'web',
          repo: 'https://charts.example.com',
          version: '^1.2.0',
          values: ['values-prod.yaml', { replicas: 3 }],
        },
        { chart: './local', values: ['one.yaml'] },
      ],
      images: ['quay.io/acme/tool:1.2'],
      files: [
        { url: 'https://dl.k8s.io/release/v1.30.0/bin/linux/amd64/kubectl' },
        { url: 'https://example.com/tool.tgz', digest: `sha256:${hex}` },
      ],
      rules: [{ match: 'gcr.io/distroless/*', action: { kind: 'keep' } }],
    })
  })

  it('tells every fault with its line', () => {
    const text = `target: https://registry.corp
mode: upside-down
kubeVersion: 1.30
chart: []
charts:
  - version: latest!
  - chart: web
    valus: a.yaml
    values: [7]
images: [Not An Image, ""]
files:
  - url: ftp://a/b
  - sha256: "12"
    url: https://example.com/x
rules: [{match: a}]
platforms: linux/amd64
`
    let thrown: unknown
    try {
      parseDeclaration(text, 'chartferry.yaml')
    } catch (error) {
      thrown = error
    }
    if (!isChartferryError(thrown, 'CONFIG_INVALID')) throw thrown
    expect(
      thrown.message
        .split('\n')
        .map((line) => line.replace(/^(chartferry\.yaml:\d+: [^ ]+).*/, '$1'))
        .sort(),
    ).toEqual(
      [
        'chartferry.yaml:1: target:',
        'chartferry.yaml:2: mode:',
        'chartferry.yaml:3: kubeVersion:',
        'chartferry.yaml:4: chart:',
        'chartferry.yaml:6: charts[0]:',
        'chartferry.yaml:6: charts[0].version:',
        'chartferry.yaml:8: charts[1].valus:',
        'chartferry.yaml:9: charts[1].values[0]:',
        'chartferry.yaml:10: images[0]:',
        'chartferry.yaml:10: images[1]:',
        'chartferry.yaml:12: files[0].url:',
        'chartferry.yaml:13: files[1].sha256:',
        'chartferry.yaml:15: rules[0]:',
        'chartferry.yaml:16: platforms:',
      ].sort(),
    )
    expect(thrown.details.faults).toHaveLength(14)
  })

  it.each([
    ['nothing', '', 'names no charts, images or files'],
    ['a list', '- web', 'must be a mapping'],
    ['no YAML', 'charts: [', 'chartferry.yaml:1:'],
  ])('refuses %s', (_, text, words) => expect(() => parseDeclaration(text, 'chartferry.yaml')).toThrow(words))
})
