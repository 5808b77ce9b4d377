import { describe, expect, it } from 'vitest'
import type { RenderedDocument } from '../../../src/helm/render/chart-renderer.ts'
import { diffDocuments } from '../../../src/helm/render/output/diff-documents.ts'
import { namingOf } from '../../../src/reference/naming.ts'
import { parseTarget } from '../../../src/reference/target.ts'
import { compareRenamed } from '../../../src/relocation/verify/compare.ts'

const naming = namingOf(parseTarget('reg.corp:5000/m'))
const document = (text: string, source = 'web/templates/a.yaml'): RenderedDocument => ({ source, text })
const pod = (image: string, more = ''): string =>
  `kind: Pod\nmetadata: {name: p}\nspec: {containers: [{image: "${image}"}]}\n${more}`

function compare(before: string, after: string, again = before) {
  const volatile = diffDocuments([document(before)], [document(again)])
  const snapshot = { documents: [document(before)], volatile }
  return compareRenamed(snapshot, [document(after)], naming)
}

describe('compareRenamed', () => {
  it('sees an image that moved', () => {
    const { moved, left, different } = compare(pod('quay.io/a:1'), pod('reg.corp:5000/m/a:1'))
    expect(moved.map(({ from, to }) => [from, to])).toEqual([['quay.io/a:1', 'reg.corp:5000/m/a:1']])
    expect([left, different]).toEqual([[], []])
  })

  it('sees an image that stayed', () => {
    expect(compare(pod('quay.io/a:1'), pod('quay.io/a:1')).left).toMatchObject([
      { reference: 'quay.io/a:1', resource: 'Pod/p' },
    ])
  })

  it('sees anything else that changed', () => {
    const { different } = compare(pod('quay.io/a:1', 'size: 1'), pod('reg.corp:5000/m/a:1', 'size: 2'))
    expect(different).toMatchObject([{ path: ['size'], before: 1, after: 2, resource: 'Pod/p' }])
  })

  it('sees a comment that changed', () => {
    expect(compare('kind: A # one\n', 'kind: A # two\n').different).toHaveLength(1)
  })

  it('does not take a label for an image because it is spelled like one', () => {
    const before = 'kind: A\nlabels: {app: web}\n'
    const after = 'kind: A\nlabels: {app: "reg.corp:5000/m/library/web"}\n'
    expect(compare(before, after)).toMatchObject({ moved: [], different: [{ path: ['labels', 'app'] }] })
  })

  it('sets aside what changes by itself', () => {
    const secret = (value: string) => `kind: Secret\ndata: {password: ${value}}\n`
    expect(compare(secret('abc'), secret('def'), secret('ghi')).different).toEqual([])
    expect(compare(secret('abc'), secret('def')).different).toHaveLength(1)
  })

  it('counts checksums apart', () => {
    const sum = (digit: string) => `kind: A\nsum: "${digit.repeat(64)}"\n`
    expect(compare(sum('a'), sum('b'))).toMatchObject({ unconfirmed: [{ path: ['sum'] }], different: [] })
  })

  it('counts the registry field of a custom resource apart', () => {
    const before = 'kind: A\nspec: {repository: nvcr.io/nvidia, image: driver}\n'
    const after = 'kind: A\nspec: {repository: "reg.corp:5000/m/nvidia", image: driver}\n'
    expect(compare(before, after).different).toEqual([])
  })

  it('looks into the data of a Secret', () => {
    const secret = (text: string) => `kind: Secret\ndata: {config: ${Buffer.from(text).toString('base64')}}\n`
    const { moved, different } = compare(secret('image=quay.io/a:1'), secret('image=reg.corp:5000/m/a:1'))
    expect([moved.length, different.length]).toEqual([1, 0])
  })

  it('sees documents that come and go', () => {
    const snapshot = { documents: [document('kind: A\n'), document('kind: B\n')], volatile: [] }
    const after = [document('kind: A\n'), document('kind: C\n', 'web/templates/c.yaml')]
    const { different } = compareRenamed(snapshot, after, naming)
    expect(different.map(({ before, after }) => [before, after])).toEqual([
      ['kind: B\n', undefined],
      [undefined, 'kind: C\n'],
    ])
  })
})
