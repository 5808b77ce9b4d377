// What a run reports while it runs. The library never logs: whoever calls decides what a person sees.

/** The stages of a relocation, in order. */
export type Stage = 'read' | 'discover' | 'plan' | 'verify' | 'write'

/** `chart` is `name-version`, or what the user typed while the chart is not read yet. */
export type RunEvent =
  | { readonly type: 'stage-started'; readonly chart: string; readonly stage: Stage }
  | { readonly type: 'stage-finished'; readonly chart: string; readonly stage: Stage; readonly summary: string }
  | { readonly type: 'warning'; readonly chart: string; readonly message: string }

/** Takes each event as it happens; must not throw. */
export type Report = (event: RunEvent) => void
