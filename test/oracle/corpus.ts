// The record of the real charts: their scenarios, and what each helm made of them.
import { readFileSync } from 'node:fs'
import type { DocumentPath } from './document-hashes.ts'

/** A rendering as it was recorded. */
export type RecordedRendering =
  | { readonly refused: string }
  | {
      /** A digest a document, in order, with spaces between. */
      readonly documents: string
      /** The paths that change from run to run, by the place of the document. */
      readonly volatile: Readonly<Record<string, readonly DocumentPath[]>>
    }

/** Values and a cluster. */
export interface ScenarioInput {
  readonly name: string
  readonly kube: string
  readonly apis?: readonly string[]
  /** Values that the chart demands. */
  readonly fix?: unknown
  /** A values file of the chart, by its path. */
  readonly ci?: string
  readonly values?: unknown
  readonly skip_schema?: boolean
}

/** A scenario, and what the helms made of the chart in it. */
export interface RecordedScenario extends ScenarioInput {
  readonly helm3: RecordedRendering
  /** Left out where it is what helm 3 made. */
  readonly helm4?: RecordedRendering
}

/** A chart archive of the corpus. */
export interface RecordedChart {
  readonly file: string
  readonly sha256: string
  readonly scenarios: readonly RecordedScenario[]
}

/** All of it, and with which helms it was recorded. */
export interface RecordedCorpus {
  readonly versions: readonly string[]
  readonly charts: readonly RecordedChart[]
}

/** Where the record is. */
export const recordedCorpus: URL = new URL('../../packages/core/test/helm/render/corpus.json', import.meta.url)

/** Reads the record. */
export function readRecordedCorpus(): RecordedCorpus {
  return JSON.parse(readFileSync(recordedCorpus, 'utf8')) as RecordedCorpus
}

/** Helm's words of a refusal without its warnings and advice. */
export function refusalWords(stderr: string): string {
  return stderr
    .replace(/^Error: /gm, '')
    .replace(/\n\nUse --debug flag[\s\S]*$/, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^(?:WARN|walk\.go|coalesce\.go|level=|[WI]\d{4} |\d{4}\/)/.test(line))
    .join('\n')
    .trim()
}
