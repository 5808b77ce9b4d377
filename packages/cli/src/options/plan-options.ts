// The flags by which commands say where images move, and what may be edited for it.
import { type PlanOptions, parseMode, parseReference, parseRules, parseTarget, targetModes } from '@chartferry/core'
import type { Command } from 'commander'
import { collect } from './chart-options.ts'
import { readText } from './read-text.ts'

/** What these flags give. */
export interface PlanFlags {
  readonly to?: string
  readonly mode?: string
  readonly rules?: string
  readonly image: readonly string[]
  readonly templateEdits: boolean
}

/** Adds the flags that say where images go. */
export function addTargetFlags(command: Command): Command {
  return command
    .optionsGroup('Where it goes:')
    .option('--to <registry[/prefix]>', 'registry that the images move to, and the path below it')
    .option('--mode <mode>', `how names there are made: ${targetModes.join(', ')} (default: path)`)
    .option('--rules <file>', 'rules for images that go elsewhere, stay, or may not be used')
}

/** Adds the flags that say what is planned for. */
export function addPlanFlags(command: Command): Command {
  return command
    .option('--image <image>', 'an image that the chart does not name, may be repeated', collect, [])
    .option('--no-template-edits', 'edit values alone; what only a template could move is unresolved')
}

/** What is wrong with the flags themselves, before anything is read. Throws REFERENCE_INVALID, RULE_INVALID. */
export function checkPlanFlags({ to, mode, image }: PlanFlags): void {
  if (to !== undefined) parseTarget(to)
  parseMode(mode)
  for (const reference of image) parseReference(reference)
}

/** The options of a plan. Throws as `checkPlanFlags` does, FILE_NOT_FOUND for the rules. */
export async function readPlanOptions(
  flags: PlanFlags,
): Promise<Required<Pick<PlanOptions, 'to' | 'mode' | 'rules' | 'images' | 'templateEdits'>>> {
  const { to = '', mode, rules, image, templateEdits } = flags
  return {
    to,
    mode: parseMode(mode),
    rules: rules === undefined ? [] : parseRules(await readText(rules, 'rules file'), rules),
    images: image,
    templateEdits,
  }
}
