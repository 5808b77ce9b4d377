// Shows how a run goes on: alive on a terminal, plain lines elsewhere, nothing with --quiet. Everything goes to standard
// error.
import { styleText } from 'node:util'
import type { Report, RunEvent, Stage } from '@chartferry/core'
import { copySummary, formatBytes, formatCopyProgress, formatSeconds, openRate } from './copy-progress.ts'
import { openLiveRegion } from './live-region.ts'
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
  /** Milliseconds between two lines about the same stage without a terminal. Default: 10000. */
  readonly lineEvery?: number
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const frameMilliseconds = 80

/** Opens the display. */
export function openProgress({ quiet, stream = process.stderr, lineEvery = 10_000 }: ProgressOptions): Progress {
  if (quiet) return { report: () => {}, close: () => {} }
  return stream.isTTY ? liveProgress(stream) : plainProgress(stream, lineEvery)
}

/** What is going on: a stage, how far it is, and since when. */
interface Running {
  readonly chart: string
  readonly stage: Stage
  readonly since: number
}

/** Follows events: which stage runs, and in words how far it is. */
function openFollower(): {
  readonly take: (event: RunEvent) => void
  readonly running: () => Running | undefined
  readonly words: (columns?: number) => readonly string[]
} {
  const rate = openRate()
  let running: Running | undefined
  let moving: ((columns?: number) => string) | undefined
  return {
    running: () => running,
    words: (columns) => (moving === undefined ? [] : moving(columns).split('\n')),
    take: (event) => {
      if (event.type === 'copy-progress') {
        const speed = rate(event.progress.bytes.done, performance.now())
        moving = (columns) =>
          columns === undefined
            ? copySummary(event.progress, speed)
            : formatCopyProgress(event.progress, speed, columns)
      } else if (event.type === 'read-progress') {
        const { done, total } = event
        const speed = rate(done, performance.now())
        moving = () => readWords(done, total, speed)
      } else if (event.type !== 'warning') {
        moving = undefined
        running =
          event.type === 'stage-started'
            ? { chart: event.chart, stage: event.stage, since: performance.now() }
            : undefined
      }
    },
  }
}

function readWords(done: number, total: number, rate: number | undefined): string {
  const left =
    rate === undefined || rate === 0 ? [] : [`${formatBytes(rate)}/s`, `${formatSeconds((total - done) / rate)} left`]
  return [`${formatBytes(done)} of ${formatBytes(total)}`, ...left].join(' · ')
}

/** A line when a stage ends, and one from time to time while it runs. */
function plainProgress(stream: NodeJS.WriteStream, lineEvery: number): Progress {
  const follower = openFollower()
  const write = (chart: string, word: string, text: string): void =>
    void stream.write(`${printable(chart)}  ${word}  ${printable(text)}\n`)
  let last = performance.now()
  const tell = (): void => {
    const running = follower.running()
    const now = performance.now()
    if (running === undefined || now - last < lineEvery) return
    last = now
    const [words = `goes on since ${formatSeconds((now - running.since) / 1000)}`] = follower.words()
    write(running.chart, stageName(running.stage), words)
  }
  const timer = setInterval(tell, Math.max(1, lineEvery / 10))
  timer.unref()
  const report = (event: RunEvent): void => {
    follower.take(event)
    if (event.type === 'stage-finished') write(event.chart, stageName(event.stage), event.summary)
    if (event.type === 'warning') write(event.chart, 'warning ', event.message)
    if (event.type === 'stage-finished' || event.type === 'stage-started') last = performance.now()
    // Work that never waits keeps the timer from its turn.
    else tell()
  }
  return { report, close: () => clearInterval(timer) }
}

function liveProgress(stream: NodeJS.WriteStream): Progress {
  const region = openLiveRegion(stream)
  const follower = openFollower()
  const paint = (format: 'green' | 'yellow' | 'cyan' | 'dim', text: string): string =>
    styleText(format, text, { stream })
  let chart = ''
  let frame = 0
  const draw = (): void => {
    const running = follower.running()
    if (running === undefined) {
      region.clear()
      return
    }
    frame = (frame + 1) % frames.length
    const seconds = Math.floor((performance.now() - running.since) / 1000)
    const [first = seconds < 2 ? '…' : `… ${seconds} s`, ...more] = follower.words(stream.columns || 80)
    region.show([`${paint('cyan', frames[frame] ?? '')} ${stageName(running.stage)} ${first}`, ...more])
  }
  const timer = setInterval(draw, frameMilliseconds)
  timer.unref()
  stream.on('resize', draw)
  const report = (event: RunEvent): void => {
    follower.take(event)
    if (event.chart !== chart) {
      chart = event.chart
      region.keep(paint('dim', printable(chart)))
    }
    if (event.type === 'warning') region.keep(`${paint('yellow', '!')} ${printable(event.message)}`)
    if (event.type === 'stage-finished')
      region.keep(`${paint('green', '✔')} ${stageName(event.stage)}  ${printable(event.summary)}`)
    if (event.type === 'stage-started') draw()
  }
  const close = (): void => {
    clearInterval(timer)
    stream.off('resize', draw)
    region.close()
  }
  return { report, close }
}

const stageName = (stage: Stage): string => stage.padEnd(8)
