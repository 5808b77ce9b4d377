import { describe, expect, it } from 'vitest'
import { valuesPage, viewValues } from '../../src/workers/values-view.ts'

const text = `# Top

## @param replicas How many
replicas: 1
image:
  repository: quay.io/acme/web # where from
  tag: "a # b"
list:
  - name: one
    port: 80
"quoted.key": {}
url: http://example.com/#top
`
const find = (query: string): readonly string[] =>
  viewValues(text, { from: 1, query }).matches.map(
    ({ path, lines }) => `${path}: ${lines.map(({ text: line }) => line).join('|')}`,
  )

describe('viewValues', () => {
  it('tells comments from values', () => {
    const { lines, lineCount } = viewValues(text, { from: 1, query: '' })
    expect(lineCount).toBe(12)
    const comments = lines.map(({ text: line, comment }) => (comment === undefined ? '' : line.slice(comment)))
    expect(comments.filter((comment) => comment !== '')).toEqual([
      '# Top',
      '## @param replicas How many',
      '# where from',
    ])
  })

  it('finds values by name, text, comment and path, with the comment above', () => {
    expect(find('HOW many')).toEqual(['replicas: ## @param replicas How many|replicas: 1'])
    expect(find('acme')).toEqual(['image.repository:   repository: quay.io/acme/web # where from'])
    expect(find('image.tag')).toEqual(['image.tag:   tag: "a # b"'])
    expect(find('port')).toEqual(['list.port:     port: 80'])
    expect(find('quoted')).toEqual(['quoted.key: "quoted.key": {}'])
    expect(find('nowhere')).toEqual([])
  })

  it('shows the lines that belong to a value', () => {
    expect(find('image:')).toEqual(['image: image:|  repository: quay.io/acme/web # where from|  tag: "a # b"'])
  })

  it('stays small, whatever it is given', () => {
    const large = `a: ${'x'.repeat(10_000)}\n`.repeat(50_000)
    const page = viewValues(large, { from: 1, query: '' })
    expect([page.lineCount, page.lines.length, page.lines[0]?.text.length]).toEqual([50_000, valuesPage, 401])
    const found = viewValues(large, { from: 1, query: 'x' })
    expect([found.matchCount, found.matches.length]).toEqual([50_000, 100])
    expect(viewValues(large, { from: 49_999, query: '' }).lines.map(({ line }) => line)).toEqual([49_999, 50_000])
  })

  it('reads what is no YAML', () => {
    for (const odd of ['', '\t\u0000:', '{{', ':\n:\n', '- - - a: b', '# only'])
      expect(viewValues(odd, { from: 1, query: 'a' }).matchCount).toBeLessThan(2)
  })
})
