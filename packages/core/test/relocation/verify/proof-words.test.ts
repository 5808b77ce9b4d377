import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../../test/kit/charts.ts'
import { readChartArchive } from '../../../src/helm/chart/chart-archive.ts'
import { relocate } from '../../../src/relocation/relocate.ts'
import { unverified } from '../../../src/relocation/verify/proof.ts'
import { countsOfProof, verdictOf } from '../../../src/relocation/verify/proof-words.ts'

const pod = 'kind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: "{{ .Values.image }}"}]}\n'

async function proofOf(values: string, template = pod) {
  const chart = await buildChart({ name: 'web', values, templates: { 'pod.yaml': template } })
  const { proof } = await relocate(await readChartArchive(chart), { to: 'reg.corp:5000/m', allowUnresolved: true })
  return proof
}

describe('a proof in words', () => {
  it('counts what moved', async () => {
    expect(countsOfProof(await proofOf('image: quay.io/acme/web:1\n'))).toBe('1 image moved, 0 left')
  })

  it('counts what is written and was never rendered', async () => {
    const proof = await proofOf(
      'image: quay.io/acme/web:1\nother: {image: {registry: quay.io, repository: acme/x, tag: "2"}}\n',
    )
    expect([proof.status, countsOfProof(proof)]).toEqual(['proven-in-part', '1 image moved, 1 written only, 0 left'])
  })

  it('counts as left what nothing moves, rendered or not', async () => {
    const proof = await proofOf(
      'image: quay.io/acme/web:1\n',
      `${pod}{{ if .Values.on }}image: quay.io/acme/old:2{{ end }}\n`,
    )
    expect(proof.notMoved.length).toBe(proof.reasons.filter((reason) => reason.includes(' stays: ')).length)
  })

  it('says what was made up', async () => {
    const proof = await proofOf(
      'image: quay.io/acme/web:1\n',
      `{{ $_ := required "a name" .Values.clusterName }}${pod}`,
    )
    expect(verdictOf(proof)).toMatch(/^proven by engine v\S+ with made-up clusterName=example$/)
  })

  it('claims nothing of a chart that nothing renders', () => {
    const proof = unverified('it wants a license')
    expect([verdictOf(proof), countsOfProof(proof)]).toEqual(['unverified', ''])
  })
})
