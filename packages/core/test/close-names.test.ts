import { describe, expect, it } from 'vitest'
import { closeNames, didYouMean } from '../src/close-names.ts'

const names = ['prometheus', 'kube-prometheus-stack', 'grafana', 'loki', 'web', 'thanos']

describe('closeNames', () => {
  it.each([
    ['grafanna', ['grafana']],
    ['garfana', ['grafana']],
    ['Prometheus-Stack', ['kube-prometheus-stack', 'prometheus']],
    ['wbe', ['web']],
    ['zzz', []],
    ['', []],
  ])('of %s are %j', (wanted, close) => expect(closeNames(wanted, names)).toEqual(close))

  it('looks at the beginning of long names alone', () => {
    expect(closeNames('x'.repeat(100_000), [...names, 'x'.repeat(90_000)])).toHaveLength(1)
  })
})

describe('didYouMean', () => {
  it('is a question', () => {
    expect(didYouMean('grafanna', names)).toBe('Did you mean grafana?')
    expect(didYouMean('prometheus', ['prometheus-a', 'prometheus-b', 'prometheus-c'])).toBe(
      'Did you mean prometheus-a, prometheus-b or prometheus-c?',
    )
    expect(didYouMean('zzz', names)).toBe('')
  })
})
