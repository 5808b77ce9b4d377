// `chartferry verify`: proves that a chart is another one relocated, whoever did it.

import { type ChartArchive, ChartferryError, parsePlan, proveRelocation } from '@chartferry/core'
import { archiveFile } from '@chartferry/core/transfer'
import type { Command } from 'commander'
import {
  addScenarioOptions,
  type ChartOptions,
  findRenderer,
  readRenderValues,
  renderOptions,
} from '../flags/chart-options.ts'
import { readChart } from '../flags/chart-source.ts'
import { addOutputOptions, type OutputOptions } from '../flags/output-options.ts'
import { readText } from '../flags/read-text.ts'
import { untilStopped } from '../flags/stop-signal.ts'
import { proofLine } from '../print/relocation.ts'
import { say, sayJson } from '../print/say.ts'

interface VerifyOptions extends ChartOptions, OutputOptions {
  readonly plan: string
}

/** Adds the command. */
export function addVerifyCommand(program: Command): void {
  const command = program
    .command('verify <original> <relocated>')
    .description(
      'Render a chart and its relocated form in every scenario, and compare everything: the images must be those of the plan.',
    )
    .optionsGroup('What was to change:')
    .requiredOption('--plan <file>', 'the plan, as `relocate --save-plan` writes it')
  addOutputOptions(addScenarioOptions(command))
    .addHelpText(
      'after',
      `
Example:
  $ chartferry verify web-1.0.0.tgz out/web-1.0.0.tgz --plan plan.json`,
    )
    .action((original: string, relocated: string, options: VerifyOptions) =>
      untilStopped((signal) => verifyCharts(original, relocated, options, signal)),
    )
}

async function verifyCharts(from: string, to: string, options: VerifyOptions, signal: AbortSignal): Promise<void> {
  const original = await readChart(from, options, signal)
  const relocated = await readArchive(to)
  const plan = parsePlan(await readText(options.plan, 'plan'), options.plan)
  const proof = await proveRelocation(original, relocated, plan, {
    renderer: await findRenderer(options),
    values: await readRenderValues(options),
    context: renderOptions(options, signal),
  })
  if (options.json === true) sayJson(proof)
  else if (proof.status !== 'refuted') say(proofLine(proof))
  if (proof.status === 'refuted') throw new ChartferryError('VERIFICATION_FAILED', `${to}: ${proof.reasons.join('\n')}`)
}

async function readArchive(path: string): Promise<ChartArchive> {
  const source = archiveFile(path)
  return source.fetch(await source.resolve({ name: '' }))
}
