// The flags by which commands say where images move, and what may be edited for it.
import { ChartferryError, type PlanOptions, parseMode, parseRules, parseTarget, targetModes } from '@chartferry/core'
import { parseReference } from '@chartferry/core/oci'
import type { Command } from 'commander'
import { collect } from './chart-options.ts'
import { readText } from './read-text.ts'
import { openCommandRegistries, type RegistryOptions } from './registry-options.ts'

/** What these flags give. */
export interface PlanFlags {
  readonly to?: string
  readonly mode?: string
  readonly rules?: string
  readonly image: readonly string[]
  readonly templateEdits: boolean
  readonly pinDigests?: boolean
  readonly pullSecret?: string
  readonly dependencyRepository?: string
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
    .option('--pin-digests', 'write the digest that each tag stands for now into the chart')
    .option('--pull-secret <name>', 'image pull secret for all pods, wherever the values have a place for it')
    .option('--dependency-repository <url>', 'repository that dependencies come from afterwards')
    .option('--no-template-edits', 'edit values only; images that only a template could move stay unresolved')
}

/** What is wrong with the flags themselves, before anything is read. Throws REFERENCE_INVALID, RULE_INVALID. */
export function checkPlanFlags({ to, mode, image }: PlanFlags): void {
  if (to !== undefined) parseTarget(to)
  parseMode(mode)
  for (const reference of image) parseReference(reference)
}

/** Throws USAGE where flags would change a plan that is made already. */
export function refusePlanFlags(flags: PlanFlags): void {
  const { mode, rules, image, templateEdits, pinDigests, pullSecret, dependencyRepository } = flags
  const given = {
    mode,
    rules,
    pinDigests,
    pullSecret,
    dependencyRepository,
    image: image[0],
    templateEdits: !templateEdits || undefined,
  }
  const name = Object.entries(given).find(([, value]) => value !== undefined)?.[0]
  if (name === undefined) return
  const flag = `--${name === 'templateEdits' ? 'no-template-edits' : name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
  throw new ChartferryError('USAGE', `${flag} cannot be used with --plan: the plan already says what changes`, {
    hint: 'Make another plan with it: chartferry plan',
  })
}

/** What a plan is made with, but for the chart's values. */
type GivenOptions = Pick<
  PlanOptions,
  'dependencyRepository' | 'to' | 'mode' | 'rules' | 'images' | 'templateEdits' | 'pinDigests' | 'pullSecret'
>

/**
 * Does some work with the options of a plan; registries are open meanwhile if it needs any. `pins` says what tags stand
 * for, by `host/path:tag`, where that was settled before. Throws as `checkPlanFlags` does, FILE_NOT_FOUND for the rules.
 */
export async function withPlanOptions<Result>(
  flags: PlanFlags & RegistryOptions,
  { signal, pins = new Map() }: { readonly signal: AbortSignal; readonly pins?: ReadonlyMap<string, string> },
  work: (options: GivenOptions) => Promise<Result>,
): Promise<Result> {
  const { to = '', mode, rules, image, templateEdits, pullSecret, dependencyRepository } = flags
  const given: GivenOptions = {
    to,
    mode: parseMode(mode),
    rules: rules === undefined ? [] : parseRules(await readText(rules, 'rules file'), rules),
    images: image,
    templateEdits,
    pullSecret,
    dependencyRepository,
  }
  if (flags.pinDigests !== true) return work(given)
  // The credentials of a chart's repository are no credentials of a registry.
  const { username: _user, password: _password, ...rest } = flags
  const registries = await openCommandRegistries(rest)
  const pinDigests = async (image: string): Promise<string> => {
    const { host = '', path, tag = 'latest' } = parseReference(image)
    const pinned = pins.get(`${host}/${path}:${tag}`)
    if (pinned !== undefined) return pinned
    return (await registries.source(`${host}/${path}`).resolve(tag, { signal })).digest
  }
  try {
    return await work({ ...given, pinDigests })
  } finally {
    await registries.close()
  }
}
