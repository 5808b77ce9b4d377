// What a verification found, and what of it makes a relocation proven.

/**
 * `proven`: every image of the plan was rendered before and after by the renderer that the proof names, each moved, and
 * nothing else changed. `proven-in-part`: the same for what was rendered; the reasons say of what it is not.
 * `unverified`: nothing could be rendered. `refuted`: something else changed, or an image stayed that the plan moves.
 */
export type ProofStatus = 'proven' | 'proven-in-part' | 'unverified' | 'refuted'

/** What one image of the plan is proven by. */
export interface ImageProof {
  /** As the plan has it in `from`. */
  readonly image: string
  /**
   * What rendered it before and after: `helm v3.22.0`. Undefined where nothing did: it is written in the chart, and
   * moved by convention.
   */
  readonly renderer?: string
  /** The scenarios that print it. */
  readonly scenarios: readonly string[]
}

/** A scenario that the renderer of the proof does not render. */
export interface RefusedScenario {
  readonly scenario: string
  /** Its first line says why. */
  readonly reason: string
  /** What rendered it instead; undefined where nothing did. */
  readonly instead?: string
}

/** What a verification found. */
export interface Proof {
  readonly status: ProofStatus
  /** `helm v3.22.0`, or `engine v3.22.0`, which follows that Helm; undefined where nothing was rendered. */
  readonly renderer?: string
  /** The majors of Helm by whose rules it was rendered. */
  readonly helm?: readonly (3 | 4)[]
  /** The scenarios that this renderer rendered before and after. */
  readonly scenarios: readonly string[]
  /** What the chart asked for and nobody gave, as `--set` takes it: it was made up. Default: nothing. */
  readonly madeUp?: readonly string[]
  /** Scenarios that it refused. */
  readonly refused: readonly RefusedScenario[]
  /** Each image of the plan, and what it is proven by. */
  readonly images: readonly ImageProof[]
  /** Distinct images that moved. */
  readonly moved: number
  /** Distinct images that a rule keeps where they are. */
  readonly kept: number
  /** Images that still point elsewhere, once each. */
  readonly notMoved: readonly string[]
  /** Places where a checksum changed because what it is made from did. */
  readonly derived: number
  /** Places where a part of an image (a registry beside a name) moved on its own. */
  readonly parts: number
  /** Why it is not `proven`, the first reasons first; at most ten. */
  readonly reasons: readonly string[]
}

/** The proof of a chart that nothing could render. */
export function unverified(reason: string): Proof {
  return {
    status: 'unverified',
    scenarios: [],
    refused: [],
    images: [],
    moved: 0,
    kept: 0,
    notMoved: [],
    derived: 0,
    parts: 0,
    reasons: [reason === '' ? 'the chart prints nothing' : reason],
  }
}

/** The line of a refusal that says why. */
export function firstLine(reason: string): string {
  const lines = reason.split('\n').filter((line) => line.trim() !== '')
  const isHeading = /specifications of the schema/.test(lines[0] ?? '')
  return (isHeading ? (lines[2] ?? lines[0] ?? '') : (lines[0] ?? '')).replace(/^- /, '').slice(0, 300)
}
