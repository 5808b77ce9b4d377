// Shows how a run goes on: alive on a terminal, plain lines in a pipe, nothing with --quiet. Everything goes to
// standard error.
import { styleText } from 'node:util'
import type { Report, RunEvent, Stage } from '@chartferry/core'
import { createLogUpdate } from 'log-update'
import { formatBytes, formatCopyProgress, openRate } from './copy-progress.ts'
import { printable } from './printable.ts'

/** Takes events, and is closed before anything else is printed. */
export interface Progress {
  readonly report: Report
  close(): void
}

export interface ProgressOptions {
  readonly quiet: boolean
  /** Where lines go. Default: standard error. */
  readonly stream?: NodeJS.WriteStream
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const frameMilliseconds = 80

/** Opens the display. */
export function openProgress({ quiet, stream = process.stderr }: ProgressOptions): Progress {
  if (quiet) return { report: () => {}, close: () => {} }
  return stream.isTTY ? liveProgress(stream) : plainProgress(stream)
}

function plainProgress(stream: NodeJS.WriteStream): Progress {
  const report = (event: RunEvent): void => {
    if (event.type === 'stage-finished')
      stream.write(`${printable(event.chart)}  ${stageName(event.stage)}  ${printable(event.summary)}\n`)
    if (event.type === 'warning') stream.write(`${printable(event.chart)}  warning   ${printable(event.message)}\n`)
  }
  return { report, close: () => {} }
}

function liveProgress(stream: NodeJS.WriteStream): Progress {
  const live = createLogUpdate(stream)
  const paint = (format: 'green' | 'yellow' | 'cyan' | 'dim', text: string): string =>
    styleText(format, text, { stream })
  let chart = ''
  let running: Stage | undefined
  let frame = 0
  let moving = ''
  const rate = openRate()
  const draw = (): void => {
    frame = (frame + 1) % frames.length
    if (running !== undefined) live(`${paint('cyan', frames[frame] ?? '')} ${stageName(running)} ${moving || '…'}`)
  }
  const timer = setInterval(draw, frameMilliseconds)
  timer.unref()
  const keep = (line: string): void => {
    live.clear()
    stream.write(`${line}\n`)
  }
  const report = (event: RunEvent): void => {
    if (event.chart !== chart) {
      chart = event.chart
      keep(paint('dim', printable(chart)))
    }
    if (event.type === 'warning') keep(`${paint('yellow', '!')} ${printable(event.message)}`)
    if (event.type === 'stage-finished')
      keep(`${paint('green', '✔')} ${stageName(event.stage)}  ${printable(event.summary)}`)
    if (event.type === 'copy-progress') {
      moving = formatCopyProgress(event.progress, rate(event.progress.bytes.done, performance.now()), stream.columns)
      return
    }
    if (event.type === 'read-progress') {
      moving = `${formatBytes(event.done)} of ${formatBytes(event.total)}`
      return
    }
    moving = ''
    running = event.type === 'stage-started' ? event.stage : event.type === 'stage-finished' ? undefined : running
    draw()
  }
  const close = (): void => {
    clearInterval(timer)
    live.clear()
    live.done()
  }
  return { report, close }
}

const stageName = (stage: Stage): string => stage.padEnd(8)
