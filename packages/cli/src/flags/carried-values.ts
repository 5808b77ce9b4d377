// The values that a bundle carries, so that its charts can be proven where it arrives.
import type { Report } from '@chartferry/core'
import type { RenderedWith } from '@chartferry/core/transfer'
import type { Command } from 'commander'
import { type ChartOptions, readRenderValues, renderOptions } from './chart-options.ts'

/** What the flag gives. */
export interface CarriedOptions {
  readonly omitValues?: boolean
}

/** Adds the flag. */
export function addCarriedOption(command: Command): Command {
  return command.option('--omit-values', 'leave the given values out of the bundle: they may hold secrets')
}

/** What a chart is rendered with, where anything was given and it may go along. Throws as `readRenderValues` does. */
export async function carriedValues(options: ChartOptions & CarriedOptions): Promise<RenderedWith | undefined> {
  const given = await readRenderValues(options)
  const { files = [], setJson = [], set = [], setString = [], setFile = [], setLiteral = [] } = given
  const values = { files, setJson, set, setString, setFile, setLiteral }
  const { signal: _signal, timeoutMs: _time, ...context } = renderOptions(options, new AbortController().signal)
  const isPlain = Object.values(values).every((list) => list.length === 0)
  const isUsual = options.kubeVersion.length + options.apiVersions.length === 0
  if (options.omitValues === true || (isPlain && isUsual)) return undefined
  return { values, context }
}

/** Says that values go along. */
export function tellCarried(
  charts: readonly { readonly renderedWith?: RenderedWith | undefined }[],
  file: string,
  report: Report,
): void {
  const holdsValues = ({ renderedWith }: { readonly renderedWith?: RenderedWith | undefined }): boolean =>
    renderedWith !== undefined && Object.values(renderedWith.values).some((list) => list.length > 0)
  if (charts.some(holdsValues))
    report({
      type: 'warning',
      chart: file,
      message: 'the values given go into the bundle as they are, secrets among them; --omit-values leaves them out',
    })
}
