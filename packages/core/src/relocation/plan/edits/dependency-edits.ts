// Another repository for the dependencies of a chart: in Chart.yaml, in the lock file, and in the lock's digest. Pure.
import type { Chart } from '../../../helm/chart/chart.ts'
import { decodeExactly } from '../../../helm/chart/chart-file.ts'
import { chartLock } from '../../../helm/chart/chart-lock.ts'
import type { ChartDependency } from '../../../helm/chart/dependency.ts'
import { type Leaf, leavesOf } from '../../../helm/chart/leaves.ts'
import { isLockInSync, lockDigest } from '../../../helm/chart/lock-digest.ts'
import { leafEdit, type PlannedEdit } from '../../model/plan.ts'

/** Edits, and what a person should know of them. */
export interface DependencyEdits {
  readonly edits: readonly PlannedEdit[]
  readonly warnings: readonly string[]
}

/** The edits by which each dependency that is fetched from a repository comes from this one. Paths to folders stay. */
export function dependencyEdits(chart: Chart, repository: string): DependencyEdits {
  const asked = chart.files.has('requirements.yaml') ? 'requirements.yaml' : 'Chart.yaml'
  const locked = ['Chart.lock', 'requirements.lock'].find((file) => chart.files.has(file))
  const lock = chartLock(chart)
  const moved = (dependency: ChartDependency): ChartDependency =>
    isFetched(dependency.repository) ? { ...dependency, repository } : dependency
  const edits = [asked, ...(locked === undefined ? [] : [locked])].flatMap((file) =>
    leavesIn(chart, file)
      .filter(({ path, text }) => isRepository(path) && isFetched(text) && text !== repository)
      .map((leaf) => leafEdit(leaf, [{ kind: 'literal', text: repository }], false)),
  )
  if (edits.length === 0 || lock === undefined || locked === undefined) return { edits, warnings: [] }
  if (!isLockInSync(chart, lock))
    return { edits, warnings: [`${locked} is not for the dependencies that the chart asks for: its digest stays`] }
  const digest = lockDigest(chart.metadata.dependencies.map(moved), lock.dependencies.map(moved))
  const leaf = leavesIn(chart, locked).find(({ path }) => path.length === 1 && path[0] === 'digest')
  return {
    edits: leaf === undefined ? edits : [...edits, leafEdit(leaf, [{ kind: 'literal', text: digest }], false)],
    warnings: [],
  }
}

const isRepository = (path: Leaf['path']): boolean =>
  path.length === 3 && path[0] === 'dependencies' && path[2] === 'repository'

/** Whether a dependency comes from a repository or a registry, by its URL or by the name that Helm knows it by. */
const isFetched = (repository: string): boolean => /^(?:https?:\/\/|oci:\/\/|@|alias:)/.test(repository)

function leavesIn(chart: Chart, path: string): readonly Leaf[] {
  const bytes = chart.files.get(path)
  const text = bytes === undefined ? undefined : decodeExactly(bytes)
  return text === undefined ? [] : leavesOf(chart.address + path, text)
}
