import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { openProgress } from '../../src/print/progress.ts'

/** A stream that keeps what is written, and is a terminal or not. */
function openStream(isTTY: boolean): { readonly stream: NodeJS.WriteStream; readonly text: () => string } {
  const pieces: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      pieces.push(String(chunk))
      done()
    },
  })
  return {
    stream: Object.assign(stream, { isTTY, columns: 80, rows: 24 }) as unknown as NodeJS.WriteStream,
    text: () => pieces.join(''),
  }
}

function showRun(isTTY: boolean, quiet = false): string {
  const { stream, text } = openStream(isTTY)
  const progress = openProgress({ quiet, stream })
  progress.report({ type: 'stage-started', chart: 'web', stage: 'plan' })
  progress.report({ type: 'warning', chart: 'web', message: 'odd\u001b[2J' })
  progress.report({ type: 'stage-finished', chart: 'web', stage: 'plan', summary: '3 edits' })
  progress.close()
  return text()
}

describe('openProgress', () => {
  it('writes a line for each stage into a pipe', () => {
    expect(showRun(false)).toBe('web  warning   odd\\u001b[2J\nweb  plan      3 edits\n')
  })

  it('is alive on a terminal, and leaves one line a stage', () => {
    const text = showRun(true)
    expect(text).toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]\S* plan/)
    expect(text).toMatch(/✔\S* plan {6}3 edits/)
    expect(text).not.toContain('\u001b[2J')
  })

  it('says nothing when it is to be quiet', () => {
    expect(showRun(false, true)).toBe('')
  })
})
