// What a run did, for those who read it later: Markdown for a page of a CI system, JUnit for its list of tests.

/** One thing that a run worked on. */
export interface SummaryRow {
  /** A chart, an image, a file. */
  readonly name: string
  readonly status: 'passed' | 'failed' | 'skipped'
  /** What became of it, in words. */
  readonly detail: string
}

/** A whole run. */
export interface RunSummary {
  /** The command, without its flags: `chartferry relocate`. */
  readonly title: string
  readonly rows: readonly SummaryRow[]
  readonly warnings: readonly string[]
  /** Why it ended early. Default: it did not. */
  readonly failure?: { readonly code: string; readonly message: string; readonly hint: string } | undefined
  readonly seconds: number
}

const marks = { passed: '✅', failed: '❌', skipped: '➖' } as const

/** A section of Markdown. */
export function summaryToMarkdown({ title, rows, warnings, failure, seconds }: RunSummary): string {
  const lines = [`### ${title}`, '']
  if (rows.length > 0) {
    lines.push('| | | |', '|---|---|---|')
    for (const { name, status, detail } of rows)
      lines.push(`| ${marks[status]} | \`${cell(name)}\` | ${cell(detail)} |`)
    lines.push('')
  }
  for (const warning of warnings) lines.push(`- ⚠️ ${cell(warning)}`)
  if (warnings.length > 0) lines.push('')
  if (failure !== undefined) {
    const { code, message, hint } = failure
    lines.push(`**${code}**`, '', '```', message.replaceAll('```', "'''"), '```', '')
    if (hint !== '') lines.push(`${cell(hint)}`, '')
  }
  lines.push(`${failure === undefined ? 'Done' : 'Failed'} after ${seconds.toFixed(1)} s.`, '')
  return lines.join('\n')
}

/** No name or message makes markup of its own. */
function cell(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('|', '\\|')
    .replaceAll('`', "'")
    .replace(/\s*\n\s*/g, ' · ')
}

/** A document as JUnit's readers take it: a test case for each row, and one for the run where it failed. */
export function summaryToJunit({ title, rows, warnings, failure, seconds }: RunSummary): string {
  const failed = rows.filter(({ status }) => status === 'failed').length + (failure === undefined ? 0 : 1)
  const skipped = rows.filter(({ status }) => status === 'skipped').length
  const total = rows.length + (failure === undefined ? 0 : 1)
  const cases = rows.map(({ name, status, detail }) => {
    const head = `    <testcase classname="${xmlText(title)}" name="${xmlText(name)}"`
    if (status === 'passed') return `${head}><system-out>${xmlText(detail)}</system-out></testcase>`
    if (status === 'skipped') return `${head}><skipped message="${xmlText(detail)}"/></testcase>`
    return `${head}><failure message="${xmlText(detail)}"/></testcase>`
  })
  if (failure !== undefined)
    cases.push(
      `    <testcase classname="${xmlText(title)}" name="${xmlText(title)}"><failure type="${xmlText(failure.code)}" message="${xmlText(failure.message)}">${xmlText(failure.hint)}</failure></testcase>`,
    )
  const counts = `tests="${total}" failures="${failed}" skipped="${skipped}" time="${seconds.toFixed(3)}"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${xmlText(title)}" ${counts}>`,
    ...cases,
    ...(warnings.length === 0 ? [] : [`    <system-err>${xmlText(warnings.join('\n'))}</system-err>`]),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
}

/** Text as XML 1.0 may hold it. */
function xmlText(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]|[\ud800-\udfff]/g, '\ufffd')
    .replace(/[&<>"\n]/g, (sign) => entities[sign] ?? sign)
}
