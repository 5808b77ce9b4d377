// Whoever calls the library can name every type that it gives and takes: read from what the compiler wrote.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exportsOf, typesIn } from './kit/declarations.ts'

/** The entries of core that are for everybody: the file of each, and the entries from which its signatures may take types as well. */
const entries: Readonly<Record<string, { readonly file: string; readonly beside: readonly string[] }>> = {
  '.': { file: 'index', beside: [] },
  './helm': { file: 'helm/index', beside: [] },
  './oci': { file: 'oci/index', beside: [] },
  './transfer': { file: 'transfer/index', beside: ['.', './helm', './oci'] },
  './s3': { file: 'storage/s3-store', beside: ['./transfer', '.'] },
}

/** Types that are handed back as they came: their name is exported, their inside is nobody's business. */
const opaque = new Set([
  'Observation',
  'Value',
  'SurveyedImage',
  'BundleStructure',
  'PartFiles',
  'BundleBlobs',
  'TracedImage',
])

const exported = (entry: string): ReturnType<typeof exportsOf> =>
  exportsOf(join(import.meta.dirname, '../packages/core/dist', `${entries[entry]?.file}.d.ts`))

describe('the exports of core', () => {
  it.each(Object.keys(entries))('of %s speak only of types that can be named', (entry) => {
    const open = [entry, ...(entries[entry]?.beside ?? [])].flatMap((name) => [...exported(name).values()])
    const known = new Set(open.map(({ file, name }) => `${file} ${name}`))
    const signatures = [...exported(entry)].filter(([name]) => !opaque.has(name))
    const missing = signatures.flatMap(([name, declaration]) =>
      typesIn(declaration)
        .filter((type) => !known.has(`${type.file} ${type.name}`))
        .map((type) => `${name} speaks of ${type.name}, which ${entry} does not export`),
    )
    expect(missing).toEqual([])
    expect(known.size).toBeGreaterThan(3)
  })

  it('of the main entry are few enough to read', () => {
    expect(exported('.').size).toBeLessThanOrEqual(100)
  })
})
