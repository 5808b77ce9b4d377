import { describe, expect, it } from 'vitest'
import { formatTable, wrapParts } from '../../src/print/table.ts'

const rows = [
  ['image', 'found in', 'when'],
  [
    'quay.io/prometheus-operator/prometheus-config-reloader:v0.83.0',
    'values.yaml:4182 prometheusOperator.image',
    'always',
  ],
  ['docker.io/library/busybox:1.36', 'templates/test.yaml:12', 'in tests'],
]

describe('formatTable', () => {
  it('is as wide as it must be where nothing bounds it', () => {
    expect(
      formatTable(
        [
          ['a', 'bb'],
          ['ccc', 'd'],
        ],
        { width: Number.POSITIVE_INFINITY, indent: '  ' },
      ),
    ).toBe('  a    bb\n  ccc  d')
  })

  it.each([120, 80, 60, 40, 20])('fits %d columns, and loses nothing', (width) => {
    for (const indent of ['', '  ']) {
      const text = formatTable(rows, { width, indent })
      for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(width)
      const letters = (part: string): string => part.replaceAll(/\s/g, '').split('').sort().join('')
      expect(letters(text.replaceAll('·', ''))).toBe(letters(rows.flat().join('')))
    }
  })

  it('goes on in the next line between the parts of a name', () => {
    expect(formatTable([['quay.io/prometheus/prometheus:v3.5.0', 'values.yaml']], { width: 36 })).toBe(
      'quay.io/prometheus/      values.yaml\nprometheus:v3.5.0',
    )
  })

  it('becomes a list where columns would be too narrow', () => {
    expect(formatTable(rows.slice(2), { width: 30 })).toBe(
      'docker.io/library/busybox:1.36\n  templates/test.yaml:12\n  in tests',
    )
  })

  it('shows control characters instead of obeying them', () => {
    expect(formatTable([['a\u001b[2J', 'b']], { width: 80 })).toBe('a\\u001b[2J  b')
  })
})

describe('wrapParts', () => {
  it('breaks inside a part only where it is too long alone', () => {
    expect(wrapParts('abcdefghij/kl', 5)).toEqual(['abcde', 'fghij', '/kl'])
  })
})
