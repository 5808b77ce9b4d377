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
import { chartRequest } from '../flags/chart-request.ts'
import { type CommandRun, withRun } from '../flags/command-run.ts'
import { addOutputOptions, addSummaryOption, type OutputOptions } from '../flags/output-options.ts'
import { readReported } from '../flags/read-reported.ts'
import { readText } from '../flags/read-text.ts'
import { addRegistryOptions } from '../flags/registry-options.ts'
import { proofLine } from '../print/relocation.ts'
import { say } from '../print/say.ts'

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
  addOutputOptions(addSummaryOption(addRegistryOptions(addScenarioOptions(command))))
    .addHelpText(
      'after',
      `
Example:
  $ chartferry verify web-1.0.0.tgz out/web-1.0.0.tgz --plan plan.json`,
    )
    .action((original: string, relocated: string, options: VerifyOptions) =>
      withRun('chartferry verify', options, (run) => verifyCharts(original, relocated, options, run)),
    )
}

async function verifyCharts(
  from: string,
  to: string,
  options: VerifyOptions,
  { progress, signal, note }: CommandRun,
): Promise<void> {
  const original = await readReported(chartRequest(from, options), progress.report, signal)
  const relocated = await readArchive(to)
  const plan = parsePlan(await readText(options.plan, 'plan'), options.plan)
  progress.report({ type: 'stage-started', chart: from, stage: 'verify' })
  const proof = await proveRelocation(original, relocated, plan, {
    renderer: await findRenderer(options),
    values: await readRenderValues(options),
    context: renderOptions(options, signal),
  })
  progress.close()
  const isRefuted = proof.status === 'refuted'
  note({ name: to, status: isRefuted ? 'failed' : 'passed', detail: proofLine(proof).split('\n')[0] ?? '' })
  if (isRefuted)
    throw new ChartferryError('VERIFICATION_FAILED', `${to}: ${proof.reasons.join('\n')}`, { details: { done: proof } })
  say(options.json === true ? JSON.stringify(proof, null, 2) : proofLine(proof))
}

async function readArchive(path: string): Promise<ChartArchive> {
  const source = archiveFile(path)
  return source.fetch(await source.resolve({ name: '' }))
}
