// `chartferry plan`: what relocating a chart would change, without changing it.

import { ChartferryError, formatPlan, planRelocation } from '@chartferry/core'
import { replaceFile } from '@chartferry/core/internal'
import { type Command, Option } from 'commander'
import { addScenarioOptions, type ChartOptions, readRenderValues, renderOptions } from '../flags/chart-options.ts'
import { chartRequest } from '../flags/chart-request.ts'
import { type CommandRun, withRun } from '../flags/command-run.ts'
import { addOutputOptions, addSummaryOption, type OutputOptions } from '../flags/output-options.ts'
import { addPlanFlags, addTargetFlags, checkPlanFlags, type PlanFlags, withPlanOptions } from '../flags/plan-options.ts'
import { readReported } from '../flags/read-reported.ts'
import { addRegistryOptions } from '../flags/registry-options.ts'
import { formatPlanned } from '../print/relocation.ts'

interface PlanCommandOptions extends ChartOptions, OutputOptions, PlanFlags {
  readonly output: 'table' | 'json' | 'yaml'
  readonly savePlan?: string
}

/** Adds the command. */
export function addPlanCommand(program: Command): void {
  const command = program
    .command('plan <chart>')
    .description(
      'Show which images a relocation would move, and every value that changes for it. The plan is tried in this process; relocate proves it.',
    )
  addPlanFlags(addTargetFlags(command))
    .option('--save-plan <file>', 'write the plan to a file; as YAML if its name ends in .yaml')
    .addOption(
      new Option('-o, --output <format>', 'how it is printed').choices(['table', 'json', 'yaml']).default('table'),
    )
  addOutputOptions(addSummaryOption(addRegistryOptions(addScenarioOptions(command))))
    .addHelpText(
      'after',
      `
CHART is a folder, an archive, a URL of an archive, or REPOSITORY/NAME as helm knows it.
relocate --plan FILE applies a saved plan, also on another machine, and with --to for another registry.

Example:
  $ chartferry plan web-1.0.0.tgz --to registry.corp:5000/mirror
  $ chartferry plan web-1.0.0.tgz --to registry.corp:5000/mirror --save-plan plan.json
  $ chartferry plan web-1.0.0.tgz --to registry.corp:5000/mirror -o yaml`,
    )
    .action((chart: string, options: PlanCommandOptions) =>
      withRun('chartferry plan', options, (run) => plan(chart, options, run)),
    )
}

async function plan(
  argument: string,
  options: PlanCommandOptions,
  { progress, signal, note }: CommandRun,
): Promise<void> {
  if (options.to === undefined) {
    throw new ChartferryError('USAGE', 'the registry that the images move to is missing', {
      hint: 'Give it with --to.',
    })
  }
  checkPlanFlags(options)
  const original = await readReported(chartRequest(argument, options), progress.report, signal)
  const values = await readRenderValues(options)
  const { plan } = await withPlanOptions(options, { signal }, (given) =>
    planRelocation(original, { ...given, values, context: renderOptions(options, signal), report: progress.report }),
  )
  const { savePlan: save } = options
  if (save !== undefined) {
    const form = /\.ya?ml$/i.test(save) ? 'yaml' : 'json'
    await replaceFile(save, new TextEncoder().encode(formatPlan(plan, form)))
  }
  progress.close()
  for (const { from, to } of plan.images) note({ name: from, status: 'passed', detail: to })
  for (const { image, reason } of plan.unresolved) note({ name: image, status: 'failed', detail: reason })
  const output = options.json === true ? 'json' : options.output
  process.stdout.write(output === 'table' ? `${formatPlanned(plan)}\n` : formatPlan(plan, output))
}
