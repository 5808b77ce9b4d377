import { defaultLimits, isChartferryError } from '@chartferry/core'
import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../test/kit/charts.ts'
import { closesAfterEach } from '../../../../test/kit/closing.ts'
import { type ChildPoolOptions, childPool } from '../../src/workers/child-pool.ts'

const closeLater = closesAfterEach()
function open(options: ChildPoolOptions = {}): ReturnType<typeof childPool> {
  const pool = childPool(options)
  closeLater(async () => pool.close())
  return pool
}
const reasonOf = async (run: Promise<unknown>): Promise<string | undefined> =>
  run.then(
    () => undefined,
    (thrown: unknown) => (isChartferryError(thrown) ? `${thrown.code}: ${thrown.message}` : String(thrown)),
  )
const chart = (templates: Readonly<Record<string, string>> = {}): Promise<Uint8Array> =>
  buildChart({ name: 'web', values: 'image: nginx:1.27\n', templates })

/** One that grows a list for as long as it may. */
const growing = '{{- $l := list }}{{- range $i := until 20000 }}{{- $l = append $l $i }}{{- end }}{{ len $l }}'

describe('childPool', () => {
  it('answers what a chart has, side by side and one after the other', async () => {
    const pool = open({ size: 2, tasks: 2 })
    const bytes = await chart({ 'pod.yaml': 'kind: Pod\nspec: { containers: [{ image: {{ .Values.image }} }] }\n' })
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => pool.ask('images', { bytes, limits: defaultLimits })),
    )
    for (const answer of answers) expect(JSON.parse(answer.toString())).toMatchObject([{ reference: 'nginx:1.27' }])
    const values = await pool.ask('contents', {
      archives: [bytes],
      limits: defaultLimits,
      question: { part: 'values' },
    })
    expect(values.toString()).toBe('image: nginx:1.27\n')
  })

  it('tells what the task threw, and goes on', async () => {
    const pool = open({ size: 1 })
    const bytes = await buildChart({ name: 'bare' })
    const work = { archives: [bytes], limits: defaultLimits, question: { part: 'values' } }
    expect(await reasonOf(pool.ask('contents', work))).toBe('CHART_NOT_FOUND: values.yaml not found')
    expect(await reasonOf(pool.ask('contents', { ...work, archives: [Buffer.from('none')] }))).toMatch(
      /^ARCHIVE_INVALID/,
    )
    expect((await pool.ask('contents', { ...work, question: { part: 'templates' } })).toString()).toBe(
      '{"templates":[],"values":{}}',
    )
  })

  it('ends a task that takes too long, needs too much memory, or says too much, and no other one', async () => {
    const bytes = await chart({ 'grow.yaml': growing })
    const work = { bytes, limits: defaultLimits }
    expect(await reasonOf(open({ within: 1 }).ask('images', work))).toBe('RENDER_FAILED: takes longer than 0.001 s')
    expect(await reasonOf(open({ memory: 4 }).ask('images', work))).toMatch(/^RENDER_FAILED: needs more than the 4 MiB/)
    const quiet = open({ mostAnswer: 10 })
    const contents = { ...work, archives: [bytes], question: { part: 'templates' } }
    expect(await reasonOf(quiet.ask('contents', contents))).toMatch(/^RENDER_FAILED: gives \d+ bytes, and may give 10$/)
    expect(
      (
        await quiet.ask('contents', {
          ...work,
          archives: [await buildChart({ name: 'a', values: 'a: 1' })],
          question: { part: 'values' },
        })
      ).length,
    ).toBe(4)
  })

  it('ends what runs when the signal fires, and what waits', async () => {
    const pool = open({ size: 1 })
    const bytes = await chart({ 'grow.yaml': growing })
    const stopping = new AbortController()
    const asked = [0, 1, 2].map(() => reasonOf(pool.ask('images', { bytes, limits: defaultLimits }, stopping.signal)))
    stopping.abort()
    for (const reason of await Promise.all(asked)) expect(reason).toMatch(/^CANCELLED/)
    expect(
      await reasonOf(pool.ask('contents', { archives: [bytes], limits: defaultLimits, question: { part: 'values' } })),
    ).toBeUndefined()
  })
})
