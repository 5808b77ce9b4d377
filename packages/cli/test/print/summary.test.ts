import { describe, expect, it } from 'vitest'
import { type RunSummary, summaryToJunit, summaryToMarkdown } from '../../src/print/summary.ts'

const summary: RunSummary = {
  title: 'chartferry copy',
  rows: [
    { name: 'reg/a:1', status: 'passed', detail: 'copied' },
    { name: 'reg/b:1|`x`', status: 'skipped', detail: 'MANIFEST_NOT_FOUND <b>' },
  ],
  warnings: ['odd\n"quoted"\u001b[2J'],
  failure: { code: 'CANCELLED', message: 'stopped & gone', hint: 'Run it again.' },
  seconds: 1.25,
}

describe('summaryToMarkdown', () => {
  it('has a row for each thing, the warnings, and why it ended; no name makes markup', () => {
    expect(summaryToMarkdown(summary).split('\n')).toEqual([
      '### chartferry copy',
      '',
      '| | | |',
      '|---|---|---|',
      '| ✅ | `reg/a:1` | copied |',
      "| ➖ | `reg/b:1\\|'x'` | MANIFEST_NOT_FOUND &lt;b> |",
      '',
      '- ⚠️ odd · "quoted"\u001b[2J',
      '',
      '**CANCELLED**',
      '',
      '```',
      'stopped & gone',
      '```',
      '',
      'Run it again.',
      '',
      'Failed after 1.3 s.',
      '',
    ])
  })
})

describe('summaryToJunit', () => {
  it('is XML with a test case for each thing, and one for the failure', () => {
    const text = summaryToJunit(summary)
    expect(text).toContain('<testsuites tests="3" failures="1" skipped="1" time="1.250">')
    expect(text).toContain('name="reg/b:1|`x`"><skipped message="MANIFEST_NOT_FOUND &lt;b&gt;"/>')
    expect(text).toContain('<failure type="CANCELLED" message="stopped &amp; gone">Run it again.</failure>')
    expect(text).toContain('odd&#10;&quot;quoted&quot;\ufffd[2J')
  })
})
