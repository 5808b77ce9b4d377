// What a look at a registry finds, step by step.

/** The steps, in their order. */
export type DiagnosisStep = 'name' | 'port' | 'protocol' | 'certificate' | 'manifest' | 'blobs'

/** One step, and how it went. */
export interface Finding {
  readonly step: DiagnosisStep
  readonly isGood: boolean
  /** What was seen. */
  readonly message: string
  /** What to mend; only with a fault. */
  readonly mend?: string
}
