// Shows a part of what repositories have: the rest is neither in the index nor to be had by its path.

import { ChartferryError } from '@chartferry/core'
import { throwIfCancelled } from '@chartferry/core/internal'
import type { AskOptions, ChartRepository } from './chart-repository.ts'
import type { IndexSnapshot } from './index-snapshot.ts'

/** What of an index is shown. */
export interface ShownPart {
  readonly snapshot: IndexSnapshot
  /** The paths behind `charts/` that are shown. */
  readonly paths: Pick<ReadonlySet<string>, 'has'>
}

export interface ShowPartOptions<Rule> {
  /** By repository; others are shown whole. */
  readonly rules: ReadonlyMap<string, Rule>
  readonly partOf: (repository: string, rule: Rule, whole: IndexSnapshot) => ShownPart | Promise<ShownPart>
  /** Whether a rule shows the same part of the same index at any time. Default: no. */
  readonly isSteady?: (rule: Rule) => boolean
  /** What to tell who asks for an archive that is not shown. Default: nothing more. */
  readonly hint?: (repository: string) => string
}

/** The proxy, with the part of each repository that its rule shows. Asking for the rest throws CHART_NOT_FOUND. */
export function showPart<Rule>(
  next: ChartRepository,
  { rules, partOf, isSteady = () => false, hint }: ShowPartOptions<Rule>,
): ChartRepository {
  async function isShown(repository: string, path: string, options: AskOptions | undefined): Promise<boolean> {
    const rule = rules.get(repository)
    if (rule === undefined) return true
    throwIfCancelled(options?.signal)
    const { snapshot } = await next.index(repository, { ...options, anyAge: true })
    return (await partOf(repository, rule, snapshot)).paths.has(path)
  }

  async function checkShown(repository: string, path: string, options: AskOptions | undefined): Promise<void> {
    if (await isShown(repository, path, options)) return
    const message = `repository "${repository}" does not show the archive "${path}"`
    throw new ChartferryError('CHART_NOT_FOUND', message, hint === undefined ? {} : { hint: hint(repository) })
  }
  return {
    ...next,
    revision: async (repository, options) => {
      const rule = rules.get(repository)
      if (rule !== undefined && !isSteady(rule)) return undefined
      return next.revision?.(repository, options)
    },
    shows: async (repository, path, digest, options) =>
      (await isShown(repository, path, options)) && ((await next.shows?.(repository, path, digest, options)) ?? true),
    index: async (repository, options) => {
      const answer = await next.index(repository, options)
      const rule = rules.get(repository)
      if (rule === undefined) return answer
      return { ...answer, snapshot: (await partOf(repository, rule, answer.snapshot)).snapshot }
    },
    archive: async (repository, path, options) => {
      await checkShown(repository, path, options)
      return next.archive(repository, path, options)
    },
    provenance: async (repository, path, options) => {
      await checkShown(repository, path, options)
      return next.provenance(repository, path, options)
    },
  }
}
