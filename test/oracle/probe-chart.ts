// Charts that ask helm, or the engine, what probes come to.
import type { ChartSpec } from '../kit/charts.ts'
import { probeValues } from './probe-values.ts'

/** The answer to a probe: its output, or the end of helm's error; or that it was the date of the clock, in this zone. */
export type Answer = { readonly out: string } | { readonly error: string } | { readonly today: 'UTC' }

/** The date of a moment as `2006-01-02`, in UTC. */
export const dateOf = (moment: Date): string => moment.toISOString().slice(0, 10)

const templateName = (index: number): string => `p${index}.yaml`

/** A chart that answers these probes, which are known by their numbers. Outputs are in base64, so that any text is YAML. */
export function probeChart(given: readonly (readonly [number, string])[]): ChartSpec {
  const templates = given.map(([index, probe]): [string, string] => {
    const body = `{{- define "p" -}}{{ ${probe} }}{{- end -}}`.replaceAll('"p"', `"p${index}"`)
    return [templateName(index), `${body}\nanswer: {{ include "p${index}" . | b64enc | quote }}\n`]
  })
  return { name: 'probe', values: probeValues, templates: Object.fromEntries(templates) }
}

/** The outputs in what helm prints, by number. */
export function readAnswers(output: string): Map<number, string> {
  const found = output.matchAll(/templates\/p(\d+)\.yaml\n\s*answer: "([^"]*)"/g)
  return new Map(
    [...found].map(([, index, text]) => [Number(index), Buffer.from(text as string, 'base64').toString('latin1')]),
  )
}

/** The number of the probe that an error is about, and its end: what failed, without the names of this chart. */
export function readError(message: string): { readonly index: number; readonly error: string } {
  const index = Number(/(?:templates\/p|"p)(\d+)/.exec(message)?.[1] ?? Number.NaN)
  // Helm 4 writes a line for each step of the error.
  const text = message
    .replace(/^(?:Error|\S+ does not render): /, '')
    .replace(/\n+Use --debug flag[\s\S]*$/, '')
    .replace(/:\n\s+/g, ': ')
  const start = text.lastIndexOf(`executing "p${index}" at `)
  const end = start < 0 ? text : text.slice(start + `executing "p${index}" at `.length)
  return {
    index,
    error: end
      .replaceAll(/(?:probe\/)?templates\/p\d+\.yaml/g, 'T')
      .replaceAll(/"p\d+"/g, '"P"')
      .trim(),
  }
}
