// A gate: something of the user's that images and charts must pass before they are pushed.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ChartArchive } from '../helm/chart/chart.ts'

/** Looks at an image or a chart. Throws what refuses it, GATE_REFUSED. */
export type Gate = (thing: {
  readonly kind: 'image' | 'chart'
  /** The image, or the file name of the chart's archive. */
  readonly reference: string
  /** An OCI layout, or an archive. */
  readonly path: string
}) => Promise<void>

/** Does some work with a folder that is gone afterwards. */
export async function withGateFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'chartferry-gate-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Shows a chart to the gate. Throws what the gate throws. */
export async function passChart(gate: Gate, { fileName, bytes }: ChartArchive): Promise<void> {
  await withGateFolder(async (folder) => {
    const path = join(folder, fileName)
    await writeFile(path, bytes)
    await gate({ kind: 'chart', reference: fileName, path })
  })
}
