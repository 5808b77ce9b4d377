// Search over charts: by name, keyword and description, the best first. The words of an index are prepared once.
import type { ChartVersion } from '@chartferry/core/helm'
import type { IndexSnapshot } from '../repository/index-snapshot.ts'
import { newestOf, textOf, textsOf } from '../routes/chart-lines.ts'

/** A chart of a repository, as lists show it. */
export interface FoundChart {
  readonly chart: string
  readonly newest: ChartVersion
  readonly versionCount: number
}

interface Prepared extends FoundChart {
  /** In small letters. */
  readonly name: string
  readonly keywords: readonly string[]
  readonly description: string
}

const prepared = new WeakMap<IndexSnapshot['index'], readonly Prepared[]>()

/**
 * The charts that have all words of the text somewhere, with a rank: lower ones fit better. No words: all charts, rank 0.
 */
export function searchCharts(
  { index }: Pick<IndexSnapshot, 'index'>,
  text: string,
): readonly { readonly found: FoundChart; readonly rank: number }[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  return prepare(index).flatMap((found) => {
    const ranks = words.map((word) => rankOf(found, word))
    return ranks.includes(undefined) ? [] : [{ found, rank: ranks.reduce<number>((sum, rank) => sum + (rank ?? 0), 0) }]
  })
}

/** Undefined where the word is nowhere. */
function rankOf({ name, keywords, description }: Prepared, word: string): number | undefined {
  if (name === word) return 0
  if (name.startsWith(word)) return 1
  if (name.includes(word)) return 2
  if (keywords.includes(word)) return 3
  if (description.includes(word) || keywords.some((keyword) => keyword.includes(word))) return 4
  return undefined
}

function prepare(index: IndexSnapshot['index']): readonly Prepared[] {
  const known = prepared.get(index)
  if (known !== undefined) return known
  const charts = [...index.entries].flatMap(([chart, versions]): readonly Prepared[] => {
    const newest = newestOf(versions)
    if (newest === undefined) return []
    return [
      {
        chart,
        newest,
        versionCount: versions.length,
        name: chart.toLowerCase(),
        keywords: textsOf(newest, 'keywords').map((word) => word.toLowerCase()),
        description: textOf(newest, 'description').toLowerCase(),
      },
    ]
  })
  prepared.set(index, charts)
  return charts
}
