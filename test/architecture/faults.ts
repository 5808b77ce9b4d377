// What is wrong with the arrows between sources: each fault is one line, `from -> to`.
import { coreIndexes, excepted, type Floors, forbidden, wings } from './floors.ts'
import type { SourceFile } from './sources.ts'

/** The wing of a file of the core, and its room there; undefined for the lists of names above all wings. */
export function placeOf(path: string): { readonly wing: string; readonly room: string } | undefined {
  if (coreIndexes.includes(path)) return undefined
  const [first = '', second = ''] = path.split('/')
  const wing = wings.find(({ name }) => name === first)
  return wing === undefined ? { wing: 'base', room: first } : { wing: first, room: second }
}

const arrows = (sources: readonly SourceFile[]): readonly (readonly [from: string, to: string])[] =>
  sources.flatMap(({ path, files }) => files.map((file) => [path, file] as const))

const asLines = (pairs: readonly (readonly [string, string])[]): readonly string[] =>
  pairs.map(([from, to]) => `${from} -> ${to}`)

/** Arrows of the core that lead to a wing which the wing of the file may not see. */
export function wrongWings(sources: readonly SourceFile[]): readonly string[] {
  return asLines(
    arrows(sources).filter(([from, to]) => {
      const [here, there] = [placeOf(from), placeOf(to)]
      if (here === undefined || to.startsWith('..')) return false
      if (there === undefined) return true
      return here.wing !== there.wing && !wings.find(({ name }) => name === here.wing)?.sees.includes(there.wing)
    }),
  )
}

/** Arrows inside a wing of the core that do not lead to a lower floor, and rooms that no plan knows. */
export function wrongFloorsOfCore(sources: readonly SourceFile[]): readonly string[] {
  const floorOf = (wing: string, room: string): number =>
    wings.find(({ name }) => name === wing)?.floors.findIndex((floor) => floor.includes(room)) ?? -1
  const homeless = sources.flatMap(({ path }) => {
    const place = placeOf(path)
    return place !== undefined && floorOf(place.wing, place.room) < 0 ? [`${path}: no room of the plan`] : []
  })
  const upward = arrows(sources).filter(([from, to]) => {
    const [here, there] = [placeOf(from), placeOf(to)]
    if (here === undefined || there === undefined || here.wing !== there.wing || here.room === there.room) return false
    return floorOf(there.wing, there.room) >= floorOf(here.wing, here.room)
  })
  return [...homeless, ...asLines(upward)]
}

/** Arrows of a package without wings that lead upward, and rooms that no plan knows. */
export function wrongFloors(sources: readonly SourceFile[], floors: Floors): readonly string[] {
  const roomOf = (path: string): string => path.split('/')[0] ?? path
  const floorOf = (path: string): number => floors.findIndex((floor) => floor.includes(roomOf(path)))
  const homeless = sources.filter(({ path }) => floorOf(path) < 0).map(({ path }) => `${path}: no room of the plan`)
  const upward = arrows(sources).filter(([from, to]) => !to.startsWith('..') && floorOf(to) > floorOf(from))
  return [...homeless, ...asLines(upward)]
}

/** Arrows that leave the sources of their package: into tests, the test kit or another package's inside. */
export function leavingArrows(sources: readonly SourceFile[]): readonly string[] {
  return asLines(arrows(sources).filter(([, to]) => to.startsWith('..') && !to.endsWith('package.json')))
}

/** Packages that are not the affair of this one. */
export function wrongPackages(sources: readonly SourceFile[], name: string): readonly string[] {
  return asLines(
    sources.flatMap(({ path, packages }) =>
      packages
        .filter((target) => forbidden[name]?.test(target))
        .filter((target) => !excepted.some(([file, seen]) => name === 'core' && file.test(path) && seen.test(target)))
        .map((target) => [path, target] as const),
    ),
  )
}

/** The first circle among files, or among the rooms that `roomOf` gives; undefined where there is none. */
export function findCircle(
  sources: readonly SourceFile[],
  roomOf: (path: string) => string = (path) => path,
): readonly string[] | undefined {
  const edges = new Map<string, Set<string>>()
  for (const [from, to] of arrows(sources)) {
    const [here, there] = [roomOf(from), roomOf(to)]
    const known = edges.get(here) ?? new Set<string>()
    if (here !== there) known.add(there)
    edges.set(here, known)
  }
  const done = new Set<string>()
  const visit = (node: string, trail: readonly string[]): readonly string[] | undefined => {
    if (trail.includes(node)) return [...trail.slice(trail.indexOf(node)), node]
    if (done.has(node)) return undefined
    for (const next of edges.get(node) ?? []) {
      const circle = visit(next, [...trail, node])
      if (circle !== undefined) return circle
    }
    done.add(node)
    return undefined
  }
  for (const node of edges.keys()) {
    const circle = visit(node, [])
    if (circle !== undefined) return circle
  }
  return undefined
}

/** How many arrows lead from each wing of the core to each other: `from -> to: n`, as counted. */
export function wingArrows(sources: readonly SourceFile[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const [from, to] of arrows(sources)) {
    const [here, there] = [placeOf(from)?.wing, placeOf(to)?.wing]
    if (here === undefined || there === undefined || here === there) continue
    counts.set(`${here} -> ${there}`, (counts.get(`${here} -> ${there}`) ?? 0) + 1)
  }
  return [...counts].map(([arrow, count]) => `${arrow}: ${count}`).sort()
}
