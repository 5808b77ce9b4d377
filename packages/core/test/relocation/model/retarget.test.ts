import { describe, expect, it } from 'vitest'
import { parseTarget } from '../../../src/reference/target.ts'
import { parsePlan } from '../../../src/relocation/model/parse-plan.ts'
import { type Plan, partsOf, textOf } from '../../../src/relocation/model/plan.ts'
import { retarget } from '../../../src/relocation/model/retarget.ts'

const planFor = (target: string): Plan => ({
  format: 'chartferry.plan/v1',
  chart: { name: 'web', version: '1.0.0', digest: `sha256:${'0'.repeat(64)}` },
  target,
  mode: 'path',
  images: [
    { from: 'quay.io/acme/web:1', to: `${target}/acme/web:1`, rendered: true },
    { from: 'bitnami/redis:7', to: 'elsewhere.corp/redis:7', rendered: true },
  ],
  edits: [
    {
      kind: 'leaf',
      file: 'values.yaml',
      path: ['image'],
      line: 1,
      old: 'quay.io/acme/web:1',
      new: partsOf(`${target}/acme/web:1`, parseTarget(target)),
      observed: true,
    },
  ],
  unresolved: [],
  userValues: [],
  warnings: [],
})

describe('retarget', () => {
  it.each([
    ['a.corp/m', 'b:5000/x/y'],
    ['a.corp/m', 'b.corp'],
    ['a.corp', 'b.corp/x'],
  ])('writes a plan for %s as one for %s', (from, to) => {
    const plan = retarget(planFor(from), parseTarget(to))
    expect(plan).toEqual({ ...planFor(to), images: planFor(to).images })
    expect(textOf(plan.edits[0]?.new ?? [])).toBe(`${to}/acme/web:1`)
  })

  it('leaves alone what rules sent elsewhere', () => {
    expect(retarget(planFor('a.corp'), parseTarget('b.corp')).images[1]?.to).toBe('elsewhere.corp/redis:7')
  })
})

describe('parsePlan', () => {
  it('reads what was saved', () => {
    const plan = planFor('a.corp/m')
    expect(parsePlan(JSON.stringify(plan), 'plan.json')).toEqual(plan)
  })

  const broken = (change: object): string => JSON.stringify({ ...planFor('a.corp'), ...change })
  it.each([
    ['no JSON', '{'],
    ['another format', broken({ format: 'chartferry.plan/v9' })],
    ['a list of plans', '[]'],
    ['no chart', broken({ chart: {} })],
    ['a mode of its own', broken({ mode: 'sideways' })],
    ['an image that is a text', broken({ images: ['nginx'] })],
    ['an edit without a place', broken({ edits: [{ kind: 'leaf', file: 'values.yaml', line: 1, old: 'a', new: [] }] })],
    ['a list that is missing', broken({ userValues: undefined })],
  ])('refuses %s', (_, text) => {
    expect(() => parsePlan(text, 'plan.json')).toThrowError(expect.objectContaining({ code: 'PLAN_INVALID' }))
  })
})
