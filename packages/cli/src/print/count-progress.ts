// How far something is that is counted: one line on a terminal, nothing elsewhere.
import { formatBytes, openRate } from './copy-progress.ts'
import { openLiveRegion } from './live-region.ts'

export interface CountProgress {
  readonly report: (progress: { readonly done: number; readonly total: number; readonly bytes: number }) => void
  close(): void
}

export interface CountProgressOptions {
  readonly quiet: boolean
  /** What is counted. */
  readonly noun: string
  /** Where the line goes. Default: standard error. */
  readonly stream?: NodeJS.WriteStream
}

/** Opens the display. */
export function openCountProgress({ quiet, noun, stream = process.stderr }: CountProgressOptions): CountProgress {
  if (quiet || !stream.isTTY) return { report: () => {}, close: () => {} }
  const region = openLiveRegion(stream)
  const rate = openRate()
  return {
    report: ({ done, total, bytes }) => {
      const speed = rate(bytes, performance.now())
      region.show([
        `${done}/${total} ${noun} · ${formatBytes(bytes)}${speed === undefined ? '' : ` · ${formatBytes(speed)}/s`}`,
      ])
    },
    close: () => region.close(),
  }
}
