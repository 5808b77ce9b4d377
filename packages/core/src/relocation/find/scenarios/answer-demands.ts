// Renders a chart that asks for values: answers are made up and tried, until it renders or none helps.
import { isChartferryError } from '../../../errors.ts'
import type { Chart } from '../../../helm/chart/chart.ts'
import type { ChartLeaves } from '../../../helm/chart/leaves.ts'
import type { Rendering } from '../../../helm/render/chart-renderer.ts'
import { type Demand, demandsOf, formatDemand } from './demands.ts'
import { type Scenario, valuesOf } from './scenario.ts'

/** How often a chart is tried in one scenario: less where features ask for it, which may exclude each other. */
const mostTries = 40
const mostTriesOfFeatures = 12

/**
 * A scenario with values that the chart asks for, below those of the user; undefined where nothing that was tried makes
 * it render. `start` is what another scenario was answered with. Throws what a rendering throws beside RENDER_FAILED.
 */
export async function answerDemands(
  chart: Chart,
  leaves: ChartLeaves,
  rendering: Rendering,
  scenario: Scenario,
  reason: string,
  start: readonly Demand[] = [],
): Promise<Scenario | undefined> {
  const most = scenario.kind === 'features' ? mostTriesOfFeatures : mostTries
  let answers = start
  let refusal: string | undefined =
    start.length === 0 ? reason : await refusalOf(rendering, chart, withAnswers(scenario, start))
  for (let tries = 0; refusal !== undefined; ) {
    let better: { answers: readonly Demand[]; refusal: string | undefined } | undefined
    for (const demand of demandsOf(chart, leaves, refusal)) {
      if (tries++ >= most) return undefined
      const tried = [...answers, demand]
      const next = await refusalOf(rendering, chart, withAnswers(scenario, tried))
      if (next === undefined) return withAnswers(scenario, tried)
      // Another refusal is a step, unless it complains of what was just made up.
      if (better === undefined && isStep(refusal, next)) better = { answers: tried, refusal: next }
      if (better !== undefined) break
    }
    if (better === undefined) return undefined
    answers = better.answers
    refusal = better.refusal
  }
  return withAnswers(scenario, answers)
}

const isRefusal = (reason: string): boolean => reason.startsWith('execution error at')

const isStep = (before: string, after: string): boolean => after !== before && (isRefusal(after) || !isRefusal(before))

function withAnswers(scenario: Scenario, answers: readonly Demand[]): Scenario {
  const tree: Record<string, unknown> = {}
  for (const { path, value } of answers) setAt(tree, path, value)
  const { files = [] } = scenario.values
  const text = JSON.stringify(tree)
  return {
    ...scenario,
    name: `${scenario.name} with ${answers.map(formatDemand).join(', ')}`,
    values: { ...scenario.values, files: [{ name: '--values asked for', text }, ...files] },
    answers,
  }
}

function setAt(tree: Record<string, unknown>, [key, ...rest]: readonly string[], value: unknown): void {
  if (key === undefined) return
  if (rest.length === 0) tree[key] = value
  else {
    const next = tree[key]
    const below = typeof next === 'object' && next !== null ? (next as Record<string, unknown>) : {}
    tree[key] = below
    setAt(below, rest, value)
  }
}

async function refusalOf(rendering: Rendering, chart: Chart, scenario: Scenario): Promise<string | undefined> {
  try {
    await rendering.render(valuesOf(scenario, chart), scenario.context)
    return undefined
  } catch (error) {
    if (isChartferryError(error, 'RENDER_FAILED')) return error.message
    throw error
  }
}
