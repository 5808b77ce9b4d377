import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../../test/kit/charts.ts'
import { digestOf } from '../../../src/digest.ts'
import { ChartferryError, isChartferryError } from '../../../src/errors.ts'
import { readChartArchive } from '../../../src/helm/chart/chart-archive.ts'
import { compareLocks } from '../../../src/transfer/declaration/compare-locks.ts'
import type { Declaration } from '../../../src/transfer/declaration/declaration.ts'
import { formatLock, type LockFile, parseLock } from '../../../src/transfer/declaration/lock-file.ts'
import { type LockSources, makeLock } from '../../../src/transfer/declaration/make-lock.ts'

const nothing: Declaration = {
  charts: [],
  images: [],
  files: [],
  platforms: [],
  rules: [],
  registries: [],
  apiVersions: [],
}

/** A chart that runs the images `runs`; its values name `web` and `extra`. */
async function sourcesOf(
  values: string,
  { missing = [], runs = ['web'] }: { readonly missing?: readonly string[]; readonly runs?: readonly string[] } = {},
): Promise<LockSources> {
  const pod = (image: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: ${image}}\nspec: {containers: [{name: a, image: "{{ .Values.${image}.image }}"}]}\n`
  const bytes = await buildChart({
    name: 'web',
    version: '1.2.3',
    values: 'web: {image: "nginx:1"}\nextra: {image: "quay.io/acme/extra:1"}\n',
    templates: Object.fromEntries(runs.map((image) => [`${image}.yaml`, pod(image)])),
  })
  const archive = await readChartArchive(bytes)
  return {
    charts: [{ values: { files: [{ name: 'v.yaml', text: values }] }, read: async () => archive }],
    resolveImage: async (reference) => {
      if (missing.includes(reference)) throw new ChartferryError('MANIFEST_NOT_FOUND', `${reference} is not there`)
      return digestOf(reference)
    },
    findDigest: async ({ url, digest = digestOf(url) }) => ({ url, digest }),
  }
}

const declaration: Declaration = {
  ...nothing,
  charts: [{ chart: 'acme/web', version: '^1', values: ['v.yaml'] }],
  images: ['docker.io/library/nginx:1', 'busybox'],
  files: [{ url: 'https://b.example/y' }, { url: 'https://a.example/x' }],
}

describe('makeLock', () => {
  it('holds versions and digests in a fixed order, each image once', async () => {
    const lock = await makeLock(declaration, await sourcesOf('{}'))
    expect(lock.charts).toEqual([
      { chart: 'acme/web', name: 'web', version: '1.2.3', digest: expect.stringMatching(/^sha256:/) },
    ])
    expect(lock.images).toEqual(
      ['docker.io/library/busybox', 'docker.io/library/nginx:1', 'quay.io/acme/extra:1'].map((image) => ({
        image,
        digest: digestOf(image),
      })),
    )
    expect(lock.files.map(({ url }) => url)).toEqual(['https://a.example/x', 'https://b.example/y'])
    const text = formatLock(lock)
    expect(formatLock(await makeLock(declaration, await sourcesOf('{}')))).toBe(text)
    expect(parseLock(text, 'chartferry.lock')).toEqual(lock)
  })

  it('is for one declaration with its values, wherever things go', async () => {
    const { declaration: first } = await makeLock(declaration, await sourcesOf('{}'))
    const elsewhere = { ...declaration, target: 'r.corp/m', platforms: ['linux/amd64'] }
    expect((await makeLock(elsewhere, await sourcesOf('{}'))).declaration).toBe(first)
    expect((await makeLock(declaration, await sourcesOf('a: 1'))).declaration).not.toBe(first)
    expect((await makeLock({ ...declaration, images: [] }, await sourcesOf('{}'))).declaration).not.toBe(first)
  })

  it('leaves out what is missing and does not run, and fails for what runs', async () => {
    const warnings: string[] = []
    const missing = ['quay.io/acme/extra:1']
    const lock = await makeLock(declaration, await sourcesOf('{}', { missing }), {
      onWarning: (message) => warnings.push(message),
    })
    expect(lock.images.at(-1)).toEqual({ image: 'quay.io/acme/extra:1' })
    expect(parseLock(formatLock(lock), 'chartferry.lock')).toEqual(lock)
    expect(warnings).toHaveLength(1)
    const thrown = await makeLock(declaration, await sourcesOf('{}', { missing, runs: ['web', 'extra'] })).catch(
      (error: unknown) => error,
    )
    expect(isChartferryError(thrown, 'MANIFEST_NOT_FOUND')).toBe(true)
  })
})

describe('parseLock', () => {
  const lock: LockFile = { declaration: digestOf(''), charts: [], images: [], files: [] }
  const text = formatLock(lock)
  it.each([
    ['no JSON', '{'],
    ['another format', text.replace('lock/v1', 'lock/v2')],
    ['no digest', text.replace(lock.declaration, 'sha256:1')],
    [
      'charts without digests',
      text.replace('"charts": []', '"charts": [{"chart": "a", "name": "a", "version": "1.0.0"}]'),
    ],
    ['images that are none', text.replace('"images": []', '"images": [{"image": "A B"}]')],
    ['files that are none', text.replace('"files": []', '"files": [{"url": "x", "digest": "y"}]')],
  ])('refuses %s', (_, wrong) => {
    expect(wrong).not.toBe(text)
    let thrown: unknown
    try {
      parseLock(wrong, 'chartferry.lock')
    } catch (error) {
      thrown = error
    }
    expect(isChartferryError(thrown, 'LOCK_INVALID')).toBe(true)
  })
})

describe('compareLocks', () => {
  it('tells what came, what went, and what became another', () => {
    const [a, b] = [digestOf('a'), digestOf('b')]
    const before: LockFile = {
      declaration: a,
      charts: [{ chart: 'acme/web', name: 'web', version: '1.0.0', digest: a }],
      images: [
        { image: 'quay.io/acme/web:1', digest: a },
        { image: 'quay.io/acme/tool:1', digest: a },
        { image: 'quay.io/acme/old:1', digest: a },
        { image: 'quay.io/acme/same:1', digest: a },
      ],
      files: [{ url: 'https://a.example/x', digest: a }],
    }
    const after: LockFile = {
      declaration: b,
      charts: [{ chart: 'acme/web', name: 'web', version: '1.1.0', digest: b }],
      images: [
        { image: 'quay.io/acme/web:2', digest: b },
        { image: 'quay.io/acme/tool:1', digest: b },
        { image: 'quay.io/acme/new:1' },
        { image: 'quay.io/acme/same:1', digest: a },
      ],
      files: [{ url: 'https://a.example/x', digest: b }],
    }
    expect(compareLocks(before, after)).toEqual([
      { kind: 'chart', name: 'acme/web', before: `1.0.0 ${a}`, after: `1.1.0 ${b}` },
      { kind: 'image', name: 'quay.io/acme/new', after: '1 not found' },
      { kind: 'image', name: 'quay.io/acme/old', before: `1 ${a}` },
      { kind: 'image', name: 'quay.io/acme/tool', before: `1 ${a}`, after: `1 ${b}` },
      { kind: 'image', name: 'quay.io/acme/web', before: `1 ${a}`, after: `2 ${b}` },
      { kind: 'file', name: 'https://a.example/x', before: a, after: b },
    ])
    expect(compareLocks(before, before)).toEqual([])
  })
})
