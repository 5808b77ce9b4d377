import { describe, expect, it } from 'vitest'
import { mostReadme, readmeHtml } from '../../src/workers/readme-html.ts'

describe('readmeHtml', () => {
  it.each([
    ['<script>alert(1)</script>text', 'text'],
    ['<style>body{display:none}</style>text', 'text'],
    ['<b onclick="x()" style="a:b" class="c" id="d">text</b>', '<b>text</b>'],
    ['<a href="javascript:x()">text</a>', '<a>text</a>'],
    ['<a href=" JaVaScRiPt:x()">text</a>', '<a>text</a>'],
    ['<a href="data:text/html,x">text</a>', '<a>text</a>'],
    ['<a href="//other.example.com/">text</a>', '<a>text</a>'],
    ['<a href="docs/other.md">text</a>', '<a>text</a>'],
    [
      '<a href="mailto:a@example.com">text</a>',
      '<a href="mailto:a@example.com" rel="noreferrer nofollow ugc">text</a>',
    ],
    ['<img src="https://example.com/a.png" alt="a < b">', '<span>a &lt; b</span>'],
    ['<iframe src="https://example.com"></iframe>text', 'text'],
    ['<form action="/local/upload"><button>text</button></form>', 'text'],
    ['<base href="https://example.com"><meta http-equiv="refresh" content="0">text', 'text'],
    ['<svg><script>x</script></svg>text', 'text'],
    ['<math><mtext><style><img src=x onerror=x></style></mtext></math>text', 'text'],
  ])('makes %s harmless', (given, expected) => {
    expect(
      readmeHtml(given)
        .trim()
        .replace(/^<p>(.*)<\/p>$/s, '$1'),
    ).toBe(expected)
  })

  it('writes Markdown, one heading lower than the page', () => {
    expect(readmeHtml('# A\n## B\n\n| a |\n|---|\n| b |\n')).toBe(
      '<h2>A</h2>\n<h3>B</h3>\n<table tabindex="0">\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>b</td>\n</tr>\n</tbody>\n</table>\n',
    )
  })

  it('ends what was cut, and does not go deep', () => {
    const long = readmeHtml(`<b>${'word '.repeat(mostReadme)}`)
    expect(long.length).toBeLessThan(mostReadme + 100)
    expect(long).toMatch(/<\/b>/)
    const deep = readmeHtml(`${'<blockquote>'.repeat(5000)}text`)
    expect(deep.match(/<blockquote>/g)?.length ?? 0).toBeLessThan(50)
  })
})
