// The folder of real charts that tests read. Where it is not named they are skipped, with the reason; in CI that is a
// failure.
import { describe, expect, it } from 'vitest'

/** Declares tests over the folder that CHARTFERRY_CORPUS names. */
export function describeWithCorpus(title: string, body: (folder: string) => void): void {
  const folder = process.env.CHARTFERRY_CORPUS
  if (folder !== undefined) describe(title, () => body(folder))
  else if (process.env.CI === 'true') it(title, () => expect.fail('CHARTFERRY_CORPUS names no folder'))
  else describe.skip(`${title} (needs CHARTFERRY_CORPUS)`, () => {})
}
