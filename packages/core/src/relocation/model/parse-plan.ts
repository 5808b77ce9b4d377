// Reads a saved plan, and checks that it is one.
import { ChartferryError, isChartferryError } from '../../errors.ts'
import { parseYaml } from '../../helm/yaml/parse.ts'
import { targetModes } from '../../reference/naming.ts'
import { parseTarget } from '../../reference/target.ts'
import { type Plan, planFormat } from './plan.ts'

/** The plan of a text, JSON or YAML. Throws PLAN_INVALID for anything that a plan of this format cannot be. */
export function parsePlan(text: string, where: string): Plan {
  const refuse = (why: string): never => {
    throw new ChartferryError('PLAN_INVALID', `${where}: ${why}`)
  }
  let plan: unknown
  try {
    plan = text.trimStart().startsWith('{') ? JSON.parse(text) : parseYaml(text, { where })
  } catch (error) {
    return refuse(isChartferryError(error) ? 'neither JSON nor YAML' : 'not JSON')
  }
  if (Array.isArray(plan)) return refuse('holds the plans of several charts; save the plan of one')
  if (!isMap(plan) || plan.format !== planFormat) return refuse(`not a plan of the format ${planFormat}`)
  const { given, ...written } = plan
  // Plans of 0.1 called it so.
  const { userValues = given } = written
  const { chart, target, mode, images, edits, unresolved, warnings } = written
  const isChart = isMap(chart) && [chart.name, chart.version, chart.digest].every((value) => typeof value === 'string')
  if (!isChart || typeof target !== 'string') return refuse('names no chart or no target')
  parseTarget(target)
  if (!targetModes.some((known) => known === mode)) return refuse('names no mode')
  if (![unresolved, userValues, warnings].every(Array.isArray)) return refuse('a list is missing')
  if (!isList(images, isImage)) return refuse('an image is not one')
  if (!isList(edits, isEdit)) return refuse('an edit is not one')
  if (plan.originals !== undefined && !isMap(plan.originals))
    return refuse('the digests of the original files are not a map')
  if (plan.pullSecret !== undefined && typeof plan.pullSecret !== 'string') return refuse('the pull secret is no name')
  return { ...written, userValues } as unknown as Plan
}

const isList = (value: unknown, test: (item: Record<string, unknown>) => boolean): boolean =>
  Array.isArray(value) && value.every((item) => isMap(item) && test(item))

const isImage = ({ from, to }: Record<string, unknown>): boolean => typeof from === 'string' && typeof to === 'string'

function isEdit({ kind, file, line, old, new: parts, path, offset, source }: Record<string, unknown>): boolean {
  const isSourced = source === undefined || typeof source === 'string'
  const isPlaced = kind === 'leaf' ? Array.isArray(path) && isSourced : kind === 'template' && Number.isInteger(offset)
  const isText = isList(
    parts,
    (part) => typeof part.text === 'string' && ['host', 'prefix', 'literal'].includes(String(part.kind)),
  )
  return isPlaced && isText && typeof file === 'string' && typeof old === 'string' && Number.isInteger(line)
}

function isMap(node: unknown): node is Record<string, unknown> {
  return typeof node === 'object' && node !== null && !Array.isArray(node)
}
