// The switches of a chart: values that turn a feature or a dependency on.
import type { Chart } from '../../../helm/chart/chart.ts'
import type { ChartLeaves, Leaf } from '../../../helm/chart/leaves.ts'
import type { ValuesPath } from '../../../helm/yaml/path.ts'

/** A tree of values with `true` at its ends. */
export type Switches = Readonly<Record<string, unknown>>

const switchKey = /^(?:enabled?|create|install|installed|deploy)$/i

/** Every switch of the values files that is off, turned on; and every condition and tag of a dependency. */
export function allSwitches(chart: Chart, leaves: ChartLeaves): Switches {
  const tree: Record<string, unknown> = {}
  for (const { prefix, chart: at } of placesOf(chart)) {
    for (const leaf of leaves.of(at.address)) if (isSwitchedOff(leaf)) setTrue(tree, [...prefix, ...leaf.path])
    for (const path of conditionsOf(at)) setTrue(tree, [...prefix, ...path])
    if (prefix.length === 0)
      for (const { tags } of at.metadata.dependencies) for (const tag of tags) setTrue(tree, ['tags', tag])
  }
  return tree
}

/** Switches that choose another image of the same program, by the words of the field. */
const variantKey =
  /^(?:use)?(?:distroless|enterprise|fips|ubi\d*|alpine|slim|rootless|chroot|variant|tag)(?:Enabled|Mode)?$/i

/** Every switch of an image that chooses a variant of it (another tag or name), turned on. */
export function allVariants(chart: Chart, leaves: ChartLeaves): Switches {
  const tree: Record<string, unknown> = {}
  for (const { prefix, chart: at } of placesOf(chart)) {
    for (const { path, text } of leaves.of(at.address)) {
      const isOfImage = path.slice(0, -1).some((step) => /image/i.test(String(step)))
      const isOff = text === 'false' && path.every((step) => typeof step === 'string')
      if (isOff && isOfImage && variantKey.test(String(path.at(-1)))) setTrue(tree, [...prefix, ...path])
    }
  }
  return tree
}

/**
 * Only the switches beside or above some leaves, and the conditions of the charts that hold them; undefined where there
 * are none.
 */
export function switchesAbove(chart: Chart, leaves: ChartLeaves, wanted: readonly Leaf[]): Switches | undefined {
  const tree: Record<string, unknown> = {}
  const places = placesOf(chart)
  for (const leaf of wanted) {
    const holders = places.filter(({ chart: at }) => leaf.file === `${at.address}values.yaml`)
    for (const { prefix, chart: at } of holders) {
      for (const other of leaves.of(at.address)) {
        const isAbove = other.path.slice(0, -1).every((step, index) => step === leaf.path[index])
        if (isAbove && isSwitchedOff(other)) setTrue(tree, [...prefix, ...other.path])
      }
      for (const { prefix: above, chart: parent } of places) {
        if (above.length >= prefix.length || !above.every((step, index) => step === prefix[index])) continue
        const name = prefix[above.length]
        for (const path of conditionsOf(parent)) if (path[0] === name) setTrue(tree, [...above, ...path])
      }
    }
  }
  return Object.keys(tree).length === 0 ? undefined : tree
}

interface ChartPlace {
  readonly chart: Chart
  /** Where its values stand in those of the top chart. */
  readonly prefix: ValuesPath
}

/** Every chart, at every place where it takes part. */
function placesOf(chart: Chart, prefix: ValuesPath = []): readonly ChartPlace[] {
  const below = chart.subcharts.flatMap((subchart) =>
    namesOf(chart, subchart).flatMap((name) => placesOf(subchart, [...prefix, name])),
  )
  return [{ chart, prefix }, ...below]
}

/** The keys under which a parent's values reach a subchart. */
function namesOf(parent: Chart, { metadata: { name } }: Chart): readonly string[] {
  const wanted = parent.metadata.dependencies.filter((dependency) => dependency.name === name)
  return wanted.length === 0 ? [name] : wanted.map(({ alias }) => alias || name)
}

function conditionsOf({ metadata: { dependencies } }: Chart): readonly ValuesPath[] {
  const paths = dependencies.flatMap(({ condition }) => condition.split(','))
  return paths.filter((path) => path.trim() !== '').map((path) => path.trim().split('.'))
}

const isSwitchedOff = ({ path, text }: Leaf): boolean =>
  text === 'false' && switchKey.test(String(path.at(-1))) && path.every((step) => typeof step === 'string')

function setTrue(tree: Record<string, unknown>, path: ValuesPath): void {
  const [key, ...rest] = path.map(String)
  if (key === undefined || key === '__proto__') return
  if (rest.length === 0) {
    tree[key] ??= true
    return
  }
  const next = tree[key] ?? {}
  if (typeof next !== 'object') return
  tree[key] = next
  setTrue(next as Record<string, unknown>, rest)
}
