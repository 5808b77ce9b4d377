// The user's values put together as Helm's command line does it: files, then assignments.
import { ChartferryError } from '../../../errors.ts'
import { GoError, GoMap } from '../../template/value.ts'
import { readJsonMap } from '../../yaml/go/read-json.ts'
import type { RenderValues } from '../chart-renderer.ts'
import { unmarshalPrefix } from '../engine/loaded-chart.ts'
import { readValues } from './read-values.ts'
import { assignJson, assignLiteral, assignValues, type ReadAssigned, typedValue } from './set-values.ts'
import { overlay } from './tables.ts'
import { traceLeaves, traceTable } from './trace-values.ts'

/** One table of all values given. Throws RENDER_FAILED with Helm's words. */
export function mergeUserValues(given: RenderValues, traced: boolean, helm: 3 | 4): GoMap {
  let values = new GoMap()
  for (const { name, text } of given.files ?? []) values = overlay(values, readFile(name, text, traced, helm))
  const assign = (option: string, lines: readonly string[] = [], read: ReadAssigned = typedValue): void => {
    for (const line of lines)
      applyLine(values, option, line, (text) => (traced ? traceLeaves(read(text), option) : read(text)))
  }
  for (const line of given.setJson ?? []) values = assignJsonLine(values, line, traced, helm)
  assign('--set', given.set)
  assign('--set-string', given.setString, (text) => text)
  for (const { key, text } of given.setFile ?? []) assign('--set-file', [`${key}=file`], () => text)
  for (const line of given.setLiteral ?? [])
    withWords('--set-literal', () =>
      assignLiteral(values, line, (text) => (traced ? traceLeaves(text, '--set-literal') : text)),
    )
  return values
}

/** An assignment of JSON; in Helm 4 a whole object, too. Helm does not say what is wrong with it. */
function assignJsonLine(values: GoMap, line: string, traced: boolean, helm: 3 | 4): GoMap {
  const isObject = helm === 4 && line.trim().startsWith('{')
  try {
    if (isObject) return overlay(values, traced ? traceTable(readJsonMap(line), '--set-json') : readJsonMap(line))
    assignJson(values, line, (value) => (traced ? traceLeaves(value, '--set-json') : value))
    return values
  } catch (error) {
    if (!(error instanceof GoError)) throw error
    throw new ChartferryError('RENDER_FAILED', `failed parsing --set-json data${isObject ? ' JSON:' : ''} ${line}`)
  }
}

function readFile(name: string, text: string, traced: boolean, helm: 3 | 4): GoMap {
  try {
    const values = readValues(text, helm)
    return traced ? traceTable(values, name) : values
  } catch (error) {
    if (!(error instanceof GoError)) throw error
    throw new ChartferryError('RENDER_FAILED', `failed to parse ${name}: ${unmarshalPrefix(helm)}${error.message}`)
  }
}

function applyLine(values: GoMap, option: string, line: string, read: ReadAssigned): void {
  withWords(option, () => assignValues(values, line, read))
}

function withWords(option: string, work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!(error instanceof GoError)) throw error
    throw new ChartferryError('RENDER_FAILED', `failed parsing ${option} data: ${error.message}`)
  }
}
