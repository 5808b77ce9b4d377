// Bundles of other tools, where a command is given them in place of charts.
import type { Report } from '@chartferry/core'
import { type ForeignBundle, isForeignBundle, withForeignBundles } from '@chartferry/core/transfer'
import { chartsOf } from './chart-source.ts'

/** Parts arguments into names of charts and bundles of other tools; a folder stands for what lies in it. */
export async function partForeign(
  names: readonly string[],
): Promise<{ readonly charts: readonly string[]; readonly foreign: readonly string[] }> {
  const all = await chartsOf(names)
  return { charts: all.filter((name) => !isForeignBundle(name)), foreign: all.filter(isForeignBundle) }
}

/**
 * Unpacks them beside the file that is to be made, reported as the stage `read`, and runs work on them. Throws as
 * `withForeignBundles` does.
 */
export async function withForeign<Result>(
  paths: readonly string[],
  file: string,
  { report, signal }: { readonly report: Report; readonly signal: AbortSignal },
  work: (bundles: readonly ForeignBundle[]) => Promise<Result>,
): Promise<Result> {
  const chart = paths.join(', ')
  const onProgress = (done: number, total: number): void => report({ type: 'read-progress', chart, done, total })
  return withForeignBundles(paths, `${file}.partial.unpacked`, { signal, onProgress }, (bundles) => {
    for (const { name, warnings } of bundles)
      for (const message of warnings) report({ type: 'warning', chart: name, message })
    return work(bundles)
  })
}
