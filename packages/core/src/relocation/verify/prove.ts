// The proof of a relocation, from what was observed of the original; and what a refutation means.
import { ChartferryError } from '../../errors.ts'
import type { ChartArchive } from '../../helm/chart/chart.ts'
import type { ChartRenderer, HelmMajor } from '../../helm/render/chart-renderer.ts'
import { engineRenderer } from '../../helm/render/engine-renderer.ts'
import type { Difference } from '../../helm/render/output/diff-documents.ts'
import { formatPath } from '../../helm/yaml/path.ts'
import { canonicalReference, formatReference, tryParseReference } from '../../reference/reference.ts'
import type { Observation, ObservedScenario } from '../find/observe-chart.ts'
import { formatDemand } from '../find/scenarios/demands.ts'
import { namedByUser, type Plan, type PlannedImage } from '../model/plan.ts'
import { firstLine, type ImageProof, type Proof, type RefusedScenario, unverified } from './proof.ts'
import { coverageOf } from './proof-words.ts'
import { type Claim, type Verification, type VerifiedScenario, verify } from './verify.ts'

const mostReasons = 10
/** What renders a scenario with all that fails left out. */
const lenientEngine = 'engine, leaving out what fails'

/**
 * Proves, or refutes, what a plan claims of two charts. Every scenario is given to the renderer, those too that the
 * engine refuses; what the renderer refuses and the engine renders is proven by the engine, and the proof says so.
 */
export async function prove(
  original: ChartArchive,
  relocated: ChartArchive,
  plan: Plan,
  renderer: ChartRenderer,
  { scenarios, failed, known }: Observation,
): Promise<Proof> {
  const claim: Claim = { original, relocated, plan, known }
  const isEngine = renderer.name === 'engine'
  const own = scenarios.filter(({ scenario }) => (scenario.helm ?? 3) === renderer.helm)
  const others = scenarios.filter((observed) => !own.includes(observed) && observed.renderedBy === 'engine')
  // A renderer that follows another Helm than all scenarios proves them by its own rules.
  const asked = own.length > 0 ? own : scenarios
  const first = await verify(claim, renderer, isEngine ? asked.filter(isStrict) : asked)
  const lenient = isEngine ? asked.filter((observed) => !isStrict(observed)) : []
  const refused = [...first.refused, ...lenient.map((observed) => ({ observed, reason: reasonOf(failed, observed) }))]
  const engine = engineRenderer({ helm: renderer.helm })
  const left = isEngine ? [] : refused.filter(({ observed }) => observed.renderedBy === 'engine')
  const second =
    left.length === 0
      ? undefined
      : await verify(
          claim,
          engine,
          left.map(({ observed }) => observed),
        )
  const third = own.length === 0 || others.length === 0 ? undefined : await proveByOther(claim, renderer.helm, others)
  const verified = [...first.verified, ...(second?.verified ?? []), ...(third?.verified ?? [])]
  if (verified.length === 0) return unverified(firstLine(failed[0]?.reason ?? refused[0]?.reason ?? ''))
  const name = `${renderer.name} ${renderer.version}`
  return conclude(
    name,
    third === undefined ? [renderer.helm] : [3, 4],
    plan,
    verified,
    refused.map(({ observed, reason }) => {
      const instead = second?.verified.find((other) => other.observed === observed)?.renderer
      return { scenario: observed.scenario.name, reason, ...(instead === undefined ? {} : { instead }) }
    }),
    [...first.faults, ...(second?.faults ?? []), ...(third?.faults ?? [])],
    refused.map(({ observed }) => observed).filter((observed) => !isStrict(observed)),
  )
}

const isStrict = ({ renderedBy }: ObservedScenario): boolean => renderedBy === 'engine'

/** The scenarios of the other major of Helm, by the engine. */
function proveByOther(claim: Claim, helm: HelmMajor, scenarios: readonly ObservedScenario[]): Promise<Verification> {
  return verify(claim, engineRenderer({ helm: helm === 3 ? 4 : 3 }), scenarios)
}

/** Nobody gets a chart whose proof failed. Throws VERIFICATION_FAILED with all reasons. */
export function throwIfRefuted({ fileName }: ChartArchive, plan: Plan, proof: Proof): void {
  if (proof.status !== 'refuted') return
  throw new ChartferryError('VERIFICATION_FAILED', `${fileName}: ${proof.reasons.join('\n')}`, {
    details: { plan, proof },
  })
}

const reasonOf = (failed: Observation['failed'], { scenario }: ObservedScenario): string =>
  failed.find((failure) => failure.scenario === scenario)?.reason ?? 'what fails was left out'

function conclude(
  renderer: string,
  helm: readonly HelmMajor[],
  plan: Plan,
  verified: readonly VerifiedScenario[],
  refused: readonly RefusedScenario[],
  wrong: readonly string[],
  lenient: readonly ObservedScenario[],
): Proof {
  const faults = [
    ...verified.flatMap(({ observed, faults: own }) =>
      own.map((fault) => (verified.length === 1 ? fault : `${observed.scenario.name}: ${fault}`)),
    ),
    ...wrong,
  ]
  const all = verified.map(({ comparison }) => comparison)
  const shown = verified.map((scenario) => ({ ...scenario, printed: printedIn(scenario) }))
  const images = plan.images
    .filter(({ note }) => note !== namedByUser)
    .map((image) => proofOf(image, renderer, shown, lenient))
  const hits = new Set(verified.flatMap((scenario) => scenario.hits))
  const madeUp = new Set(verified.flatMap(({ observed }) => (observed.scenario.answers ?? []).map(formatDemand)))
  const isKept = ({ from, to }: PlannedImage): boolean => from === to
  const covered = { images, renderer, refused }
  const doubts = [
    ...(images.every((image) => image.renderer === renderer) ? [] : [coverageOf(covered)]),
    ...plan.unresolved.map(({ image, reason }) => `${image} stays: ${reason}`),
    ...hits,
    ...new Set(all.flatMap(({ unconfirmed }) => unconfirmed.map(inDoubt))),
  ]
  return {
    status: faults.length > 0 ? 'refuted' : doubts.length > 0 ? 'proven-in-part' : 'proven',
    renderer,
    helm,
    scenarios: verified
      .filter((scenario) => scenario.renderer === renderer)
      .map(({ observed }) => observed.scenario.name),
    ...(madeUp.size === 0 ? {} : { madeUp: [...madeUp] }),
    refused,
    images,
    moved: new Set(all.flatMap(({ moved }) => moved.map(({ from }) => from))).size,
    kept: plan.images.filter(isKept).length,
    notMoved: [
      ...new Set([
        ...all.flatMap(({ left }) => left.map(({ reference }) => reference)),
        ...plan.unresolved.map(({ image }) => image),
      ]),
    ],
    derived: countPlaces(all.flatMap(({ derived }) => derived)),
    parts: countPlaces(all.flatMap(({ parts }) => parts)),
    reasons: [...faults, ...doubts].slice(0, mostReasons),
  }
}

interface ShownScenario extends VerifiedScenario {
  /** Canonical references. */
  readonly printed: ReadonlySet<string>
}

function printedIn({ observed, comparison }: VerifiedScenario): ReadonlySet<string> {
  const references = [
    ...comparison.moved.map(({ from }) => from),
    ...comparison.left.map(({ reference }) => reference),
    ...observed.occurrences.map(({ reference }) => reference),
  ]
  return new Set(references.map(canonicalText))
}

/** What printed an image of the plan; the renderer of the proof counts before any other. */
function proofOf(
  { from }: PlannedImage,
  renderer: string,
  verified: readonly ShownScenario[],
  lenient: readonly ObservedScenario[],
): ImageProof {
  const shown = verified.filter(({ printed }) => printed.has(canonicalText(from)))
  const own = shown.filter((scenario) => scenario.renderer === renderer)
  const [first] = own.length > 0 ? own : shown
  if (first === undefined) return explored(from, lenient)
  const scenarios = (own.length > 0 ? own : shown).map(({ observed }) => observed.scenario.name)
  return { image: from, renderer: first.renderer, scenarios }
}

/** An image that only an exploration printed, in which what fails was left out: its edits were tried there. */
function explored(from: string, lenient: readonly ObservedScenario[]): ImageProof {
  const image = canonicalText(from)
  const printing = lenient.filter(({ occurrences }) =>
    occurrences.some(({ reference }) => canonicalText(reference) === image),
  )
  const scenarios = printing.map(({ scenario }) => scenario.name)
  return { image: from, ...(scenarios.length > 0 ? { renderer: lenientEngine } : {}), scenarios }
}

/** One text for all spellings of an image. */
function canonicalText(text: string): string {
  const reference = tryParseReference(text)
  return reference === undefined ? text : formatReference(canonicalReference(reference))
}

const inDoubt = ({ resource, source, path }: Difference): string =>
  `${resource} ${formatPath(path)} (${source}): a checksum in it changed, and nothing shows that it had to`

/** A place that several scenarios print counts once. */
function countPlaces(differences: readonly Difference[]): number {
  return new Set(differences.map(({ source, ordinal, path }) => JSON.stringify([source, ordinal, path]))).size
}
