// Relocates the newest versions of each chart before anybody asks, whenever the index of the original has changed.
import { type ChartVersion, parseVersion } from '@chartferry/core/helm'
import { theServer } from '../auth/access.ts'
import type { AskOptions, ChartRepository } from '../repository/chart-repository.ts'
import type { IndexSnapshot } from '../repository/index-snapshot.ts'
import { servedPath } from '../upstream/chart-path.ts'

export interface WarmRelocationsOptions {
  /** The name of the original. */
  readonly of: string
  readonly source: ChartRepository
  /** Versions of each chart; 0: none. */
  readonly newest: number
  /** What begins the paths of a chart. */
  readonly folder: (chart: string) => string
  /** Makes what a path stands for. */
  readonly make: (path: string, asked: AskOptions) => Promise<unknown>
  readonly signal: AbortSignal
}

export interface Warming {
  /** Begins where this state of the original was not seen before. Never waits, throws nothing. */
  begin(whole: IndexSnapshot): void
  /** How far it is; undefined where there is nothing to do. */
  words(): string | undefined
}

/** One after the other, so that whoever asks is not kept waiting. */
export function warmRelocations(options: WarmRelocationsOptions): Warming {
  const { of, source, newest, signal } = options
  let seen: IndexSnapshot | undefined
  let running: Promise<void> | undefined
  let left = 0
  let total = 0

  async function warm(): Promise<void> {
    // What a caller is shown of a group may be less than all.
    const { snapshot } = await source.index(of, { caller: theServer, anyAge: true })
    const paths = shuffled(
      [...snapshot.index.entries.values()].flatMap((versions) => newestOf(versions, newest)).flatMap(pathOf),
    )
    ;[left, total] = [paths.length, paths.length]
    for (const path of paths) {
      if (signal.aborted) return
      // Why one cannot be made is in the log, and said to whoever asks for it.
      await options.make(path, { caller: theServer }).catch(() => {})
      left -= 1
    }
  }

  function pathOf({ name, urls }: ChartVersion): readonly string[] {
    const path = servedPath(urls[0])
    return path === undefined ? [] : [`${options.folder(name)}/${path}`]
  }

  return {
    begin: (whole) => {
      if (newest === 0 || seen === whole || running !== undefined || signal.aborted) return
      seen = whole
      running = warm()
        .catch(() => {})
        .finally(() => {
          running = undefined
          left = 0
        })
    },
    words: () => (left === 0 ? undefined : `making the newest: ${total - left} of ${total}`),
  }
}

/** The newest stable ones; where there are none, the newest. Entries are in their order. */
function newestOf(versions: readonly ChartVersion[], count: number): readonly ChartVersion[] {
  const stable = versions.filter(({ version }) => parseVersion(version)?.prerelease.length === 0)
  return (stable.length > 0 ? stable : versions).slice(0, count)
}

/** Servers that begin at the same time seldom make the same one. */
function shuffled<Item>(items: readonly Item[]): readonly Item[] {
  return items
    .map((item) => ({ item, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item)
}
