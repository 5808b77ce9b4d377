// One shape of the field: a chart, and what becomes of its images when real helm renders the relocated chart.
import {
  type ChartArchive,
  helmRenderer,
  type RelocateOptions,
  type Relocation,
  readChartArchive,
  relocate,
} from '@chartferry/core'
import { expect } from 'vitest'
import { buildChart, type ChartSpec } from './charts.ts'

/** Where all shapes move to. */
export const shapeTarget = 'reg.corp:5000/mirror'

/** A chart, and the texts of its rendering that become others; all else has to stay as it is. */
export interface Shape {
  readonly chart: ChartSpec
  /** Each text that helm prints for the original, and what it prints in its place for the relocated chart. */
  readonly moves: Readonly<Record<string, string>>
  /** Values with which both are rendered, too: what is off by default. Default: none. */
  readonly also?: readonly string[]
  /** Texts of the original's values.yaml that have to be found in the relocated one. Default: none. */
  readonly keeps?: readonly string[]
  readonly options?: Omit<RelocateOptions, 'to' | 'renderer'>
}

/**
 * Relocates the chart, asserts that helm prints the moved images and nothing else anew, and that nothing changes the
 * second time.
 */
export async function expectMoved(binary: string, shape: Shape): Promise<Relocation> {
  const renderer = await helmRenderer({ binary })
  const original = await readChartArchive(await buildChart(shape.chart))
  const relocation = await relocate(original, { to: shapeTarget, renderer, ...shape.options })
  const { archive, proof } = relocation
  for (const values of ['', ...(shape.also ?? [])]) {
    const before = await renderText(binary, original, values)
    expect(await renderText(binary, archive, values)).toBe(replaceTexts(before, shape.moves))
  }
  const text = Buffer.from(archive.chart.files.get('values.yaml') ?? []).toString()
  for (const kept of shape.keeps ?? []) expect(text).toContain(kept)
  // What is off by default is written alone for the renderer, which has these values only.
  expect(proof.reasons.filter((reason) => !reason.endsWith('written only, moved by convention'))).toEqual([])
  expect(proof).toMatchObject({ status: proof.reasons.length === 0 ? 'proven' : 'proven-in-part', notMoved: [] })
  const again = await relocate(archive, { to: shapeTarget, renderer, ...shape.options })
  expect(again.archive.digest).toBe(archive.digest)
  return relocation
}

/** All that helm prints for a chart, hooks included. */
export async function renderText(binary: string, archive: ChartArchive, values = ''): Promise<string> {
  const rendering = await (await helmRenderer({ binary })).open(archive)
  try {
    const { documents, hooks } = await rendering.render({ files: [{ name: 'values.yaml', text: values }] })
    return [...documents, ...hooks].map(({ text }) => text).join('---\n')
  } finally {
    await rendering.close()
  }
}

/** Every text replaced once, the longest first; each has to occur. */
function replaceTexts(text: string, moves: Shape['moves']): string {
  const keys = Object.keys(moves).sort((a, b) => b.length - a.length)
  if (keys.length === 0) return text
  const pattern = new RegExp(keys.map((key) => key.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'g')
  return text.replace(pattern, (found) => moves[found] ?? found)
}

/** A pod with a container for each image, as they are written in the template. */
export function podOf(...images: readonly string[]): string {
  const containers = images.map((image, index) => `    - name: c${index}\n      image: ${image}\n`)
  return `apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n${containers.join('')}`
}
