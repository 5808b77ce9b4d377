// One run of a command: it can be stopped, shows how far it is, and says in the end what it did.
import { appendFile } from 'node:fs/promises'
import { ChartferryError, isChartferryError, type RunEvent } from '@chartferry/core'
import { messageOf, replaceFile } from '@chartferry/core/internal'
import { openProgress, type Progress } from '../print/progress.ts'
import { type RunSummary, type SummaryRow, summaryToJunit, summaryToMarkdown } from '../print/summary.ts'
import { untilStopped } from './stop-signal.ts'

/** What the flags give that every run knows. */
export interface CommandRunOptions {
  readonly quiet?: boolean
  readonly summary?: readonly string[]
}

/** What the work of a command gets. */
export interface CommandRun {
  readonly signal: AbortSignal
  readonly progress: Progress
  /** Notes what became of something, for the summary. */
  readonly note: (row: SummaryRow) => void
}

type Form = 'markdown' | 'junit'

/** Runs the work of a command; `title` names the command. Throws what the work throws, USAGE for a summary that has no form. */
export async function withRun<Result>(
  title: string,
  { quiet = false, summary = [] }: CommandRunOptions,
  work: (run: CommandRun) => Promise<Result>,
): Promise<Result> {
  const places = summary.map(parseSummary)
  const start = performance.now()
  const rows: SummaryRow[] = []
  const warnings: string[] = []
  const shown = openProgress({ quiet })
  const report = (event: RunEvent): void => {
    if (event.type === 'warning') warnings.push(`${event.chart}: ${event.message}`)
    shown.report(event)
  }
  const progress: Progress = { report, close: () => shown.close() }
  const finish = (failure?: RunSummary['failure']): Promise<void> => {
    progress.close()
    return writeSummaries({ title, rows, warnings, failure, seconds: (performance.now() - start) / 1000 }, places)
  }
  try {
    const result = await untilStopped((signal) => work({ signal, progress, note: (row) => void rows.push(row) }))
    await finish()
    return result
  } catch (thrown) {
    const { code, hint } = isChartferryError(thrown) ? thrown : { code: 'INTERNAL', hint: '' }
    await finish({ code, message: messageOf(thrown), hint })
    throw thrown
  }
}

/** `markdown=FILE`, `junit=FILE`, or a file whose ending says which. Throws USAGE. */
function parseSummary(text: string): { readonly form: Form; readonly file: string } {
  const [, form, file = ''] = /^(markdown|junit)=(.+)$/s.exec(text) ?? []
  if (form !== undefined) return { form: form === 'junit' ? 'junit' : 'markdown', file }
  if (/\.md$/i.test(text)) return { form: 'markdown', file: text }
  if (/\.xml$/i.test(text)) return { form: 'junit', file: text }
  throw new ChartferryError('USAGE', `--summary ${text}: the form of the summary is not said`, {
    hint: 'Write --summary markdown FILE, or --summary junit FILE.',
  })
}

/** Writes the files, and adds to the page that GitHub shows of a step. */
async function writeSummaries(
  summary: RunSummary,
  places: readonly { readonly form: Form; readonly file: string }[],
): Promise<void> {
  for (const { form, file } of places)
    await replaceFile(file, Buffer.from(form === 'junit' ? summaryToJunit(summary) : summaryToMarkdown(summary)))
  const page = process.env.GITHUB_STEP_SUMMARY
  // A page that cannot be written fails no run.
  if (page) await appendFile(page, `${summaryToMarkdown(summary)}\n`).catch(() => {})
}
