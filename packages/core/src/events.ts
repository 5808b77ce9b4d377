// What a run reports while it runs. The library never logs: whoever calls decides what a person sees.

/** The stages of a relocation, in order. */
export type Stage = 'read' | 'discover' | 'plan' | 'copy' | 'verify' | 'write'

/** How far a copy is. Sizes are bytes. */
export interface CopyProgress {
  /** What is counted. Default: images. */
  readonly what?: 'images' | 'files'
  readonly images: { readonly done: number; readonly total: number }
  /** Of blobs; what is at the target already, or was mounted there, counts as done. */
  readonly bytes: { readonly done: number; readonly total: number }
  /** Blobs on their way. */
  readonly active: readonly {
    readonly name: string
    readonly digest: string
    readonly done: number
    readonly size: number
  }[]
  /** How many more pulls a host grants, where one says so. */
  readonly quota?: { readonly host: string; readonly remaining: number }
}

/** `chart` is `name-version`, or what the user typed while the chart is not read yet. */
export type RunEvent =
  | { readonly type: 'stage-started'; readonly chart: string; readonly stage: Stage }
  | { readonly type: 'stage-finished'; readonly chart: string; readonly stage: Stage; readonly summary: string }
  | { readonly type: 'copy-progress'; readonly chart: string; readonly progress: CopyProgress }
  /** Bytes that were read, and all there are. */
  | { readonly type: 'read-progress'; readonly chart: string; readonly done: number; readonly total: number }
  | { readonly type: 'warning'; readonly chart: string; readonly message: string }

/** Takes each event as it happens; must not throw. */
export type Report = (event: RunEvent) => void
