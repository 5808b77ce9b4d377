// Puts a plan together from what was found, what is edited and what the renderings showed. Pure.

import { digestOf } from '../../digest.ts'
import { ChartferryError } from '../../errors.ts'
import type { ChartArchive } from '../../helm/chart/chart.ts'
import { fileAt } from '../../helm/chart/chart-file.ts'
import { placeKey } from '../../helm/chart/leaves.ts'
import type { ValuesPath } from '../../helm/yaml/path.ts'
import { isPlaced, type Naming, type TargetMode } from '../../reference/naming.ts'
import { canonicalReference, formatReference, tryParseReference } from '../../reference/reference.ts'
import { formatTarget, isAtTarget } from '../../reference/target.ts'
import { composes } from '../find/discover.ts'
import type { StandingUse } from '../find/image-use.ts'
import {
  namedByUser,
  type Plan,
  type PlannedEdit,
  type PlannedImage,
  planFormat,
  type UnresolvedImage,
} from '../model/plan.ts'

/** What a plan is made of. */
export interface PlanParts {
  /** Images as they are written in the chart. */
  readonly written: readonly StandingUse[]
  readonly edits: readonly PlannedEdit[]
  /** References that a rendering showed to move; empty where nothing was rendered. */
  readonly moved: readonly string[]
  /** Images that only a further values file of the chart prints, and the file. Default: none. */
  readonly extra?: ReadonlyMap<string, string>
  /** Names that moved and of which no rendering says the tag; a copy may miss them. Default: none. */
  readonly named?: readonly string[]
  /** Images that a rendering showed to stay, with the reason. */
  readonly stuck: readonly UnresolvedImage[]
  /** Images that a rule keeps where they are. */
  readonly kept: readonly string[]
  /** Images that the values given name. */
  readonly userValues: readonly string[]
  /** Images that the user named: they move along, whatever the chart says. */
  readonly added: readonly string[]
  /** The image pull secret that the edits give to pods. Default: none. */
  readonly pullSecret?: string | undefined
  /** What else a person should know. Default: nothing. */
  readonly warnings?: readonly string[]
  readonly mode: TargetMode
}

/** The plan. Throws TARGET_COLLISION where two images would get one name. */
export function makePlan(archive: ChartArchive, naming: Naming, parts: PlanParts): Plan {
  const { moved, stuck, written, edits, userValues } = parts
  const images = new Map<string, PlannedImage>()
  for (const from of [...moved, ...parts.kept]) addImage(images, from, true, naming)
  for (const from of parts.added) addImage(images, from, true, naming, namedByUser)
  const shown = [...moved, ...(parts.extra?.keys() ?? []), ...userValues, ...stuck.map(({ image }) => image)].flatMap(
    (text) => tryParseReference(text) ?? [],
  )
  for (const [from, file] of parts.extra ?? []) addImage(images, from, false, naming, `only with ${file}`)
  for (const from of parts.named ?? []) addImage(images, from, false, naming, 'no tag is known')
  const edited = new Set(edits.map(placeOf))
  const unmoved: string[] = []
  for (const use of written) {
    // The rendered reference says more than the leaves that it came from.
    if (shown.some((reference) => composes(use.reference, reference))) continue
    const isEdited =
      use.kind === 'written' ? use.leaves.some(({ leaf }) => edited.has(placeOf(leaf))) : edited.has(placeOf(use))
    if (isEdited) {
      if (!isHost(use.reference)) addImage(images, use.reference, false, naming, fileNote(use))
    } else if (isElsewhere(use.reference, naming)) unmoved.push(use.reference)
  }
  const { list, shadowed } = namedOnce(images.values())
  const { name, version } = archive.chart.metadata
  return {
    format: planFormat,
    chart: { name, version, digest: archive.digest },
    target: formatTarget(naming.target),
    mode: parts.mode,
    images: list,
    edits: [...edits].sort(byPlace),
    unresolved: [...stuck, ...notRendered(unmoved)],
    userValues: [...new Set(userValues)],
    warnings: [...tagWarnings(list), ...shadowed, ...definitionWarnings(edits), ...(parts.warnings ?? [])],
    ...(parts.pullSecret === undefined ? {} : { pullSecret: parts.pullSecret }),
    originals: originalsOf(archive, edits),
  }
}

/** The host of a registry alone, which moves, and which nobody can copy. */
const isHost = (text: string): boolean => /^(?:[a-z0-9-]+\.){2,}[a-z]{2,}$/.test(text)

/** Of an image that is written in a further values file alone. */
function fileNote(use: StandingUse): string | undefined {
  const file = use.kind === 'written' ? use.leaves[0]?.leaf.file : undefined
  return file === undefined || /(?:^|[/!])values\.ya?ml$/.test(file) ? undefined : `only with ${file}`
}

function originalsOf({ chart }: ChartArchive, edits: readonly PlannedEdit[]): NonNullable<Plan['originals']> {
  const files = [...new Set(edits.map(({ file }) => file))].sort()
  return Object.fromEntries(files.map((file) => [file, digestOf(fileAt(chart, file) ?? new Uint8Array())]))
}

type Located = { readonly file: string; readonly line?: number; readonly path?: ValuesPath }

const placeOf = ({ file, line, path }: Located): string => placeKey(file, path ?? [line ?? 0])

const byPlace = (a: PlannedEdit, b: PlannedEdit): number =>
  a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1

function addImage(
  images: Map<string, PlannedImage>,
  from: string,
  rendered: boolean,
  naming: Naming,
  note?: string,
): void {
  const reference = tryParseReference(from)
  if (reference === undefined || images.has(from) || isAtTarget(reference, naming.target)) return
  const to = formatReference(naming.rename(reference))
  images.set(from, { from, to, rendered, ...(note === undefined ? {} : { note }) })
}

function isElsewhere(text: string, naming: Naming): boolean {
  const reference = tryParseReference(text)
  return reference !== undefined && !isPlaced(reference, naming)
}

/**
 * The images by reference, each name at the target once. Two images that run may not share one; one that no rendering
 * prints (a default that another chart overrides, say) gives way, with a warning.
 */
function namedOnce(images: Iterable<PlannedImage>): {
  readonly list: readonly PlannedImage[]
  readonly shadowed: readonly string[]
} {
  const sources = new Map<string, string>()
  const list: PlannedImage[] = []
  const shadowed: string[] = []
  for (const image of [...images].sort((a, b) => Number(b.rendered) - Number(a.rendered))) {
    const { from, to, rendered } = image
    const source = canonicalText(from)
    const other = sources.get(to) ?? source
    if (other === source) list.push(image)
    else if (rendered) {
      throw new ChartferryError('TARGET_COLLISION', `${other} and ${source} would both become ${to}`, {
        details: { to, from: [other, source] },
      })
    } else shadowed.push(`${from} is written, but never rendered; its name at the target, ${to}, is that of ${other}`)
    sources.set(to, other)
  }
  return { list: list.sort((a, b) => (a.from < b.from ? -1 : 1)), shadowed }
}

function canonicalText(text: string): string {
  const reference = tryParseReference(text)
  return reference === undefined ? text : formatReference(canonicalReference(reference))
}

/** Images that are written in the chart, that no rendering prints, and that are not edited. */
function notRendered(unmoved: readonly string[]): readonly UnresolvedImage[] {
  const reason = 'no rendering prints it, so nothing shows what moves it'
  return [...new Set(unmoved)].map((image) => ({ image, reason, rendered: false }))
}

/** Helm installs definitions once and never again: whoever upgrades has to apply them. */
function definitionWarnings(edits: readonly PlannedEdit[]): readonly string[] {
  const files = new Set(edits.map(({ file }) => file).filter((file) => /(?:^|[/!])crds\//.test(file)))
  return [...files].map((file) => `${file} is edited: helm does not apply it again when the chart is upgraded`)
}

function tagWarnings(images: readonly PlannedImage[]): readonly string[] {
  return images
    .filter(({ from, rendered }) => rendered && isUntagged(from))
    .map(({ from }) => `${from} has no tag: Kubernetes pulls "latest"; it is relocated as it is`)
}

function isUntagged(text: string): boolean {
  const reference = tryParseReference(text)
  return reference !== undefined && reference.tag === undefined && reference.digest === undefined
}
