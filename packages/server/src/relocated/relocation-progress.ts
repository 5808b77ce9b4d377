// What is being done about each chart that is relocated now, in words for people who wait.
import type { Report } from '@chartferry/core'

/** Told of one chart as it goes on. */
export interface RelocationProgress {
  readonly stage: (stage: string) => void
  readonly event: Report
}

export interface RelocationsUnderWay {
  begin(key: string): RelocationProgress
  end(key: string): void
  /** Undefined: nothing is being done. */
  words(key: string): string | undefined
}

const stages: Readonly<Record<string, string>> = {
  discover: 'finding the images',
  plan: 'planning the edits',
  verify: 'rendering the chart before and after',
  publish: 'writing the archive',
}

/** Nothing is under way at first. */
export function openProgress(): RelocationsUnderWay {
  const under = new Map<string, string>()
  return {
    begin: (key) => {
      under.set(key, 'waiting for its turn')
      const say = (words: string): void => {
        if (under.has(key)) under.set(key, words)
      }
      return {
        stage: (stage) => say(stages[stage] ?? stage),
        event: (event) => {
          if (event.type !== 'copy-progress') return
          const { images, bytes } = event.progress
          say(
            `copying images: ${images.done} of ${images.total}, ${megabytes(bytes.done)} of ${megabytes(bytes.total)} MB`,
          )
        },
      }
    },
    end: (key) => void under.delete(key),
    words: (key) => under.get(key),
  }
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1)
