// Which charts `relocate` and `bundle create` read, and with which options: those of the command line, or those of a
// declaration.
import { ChartferryError } from '@chartferry/core'
import type { ImagePair } from '@chartferry/core/transfer'
import type { ChartOptions } from '../flags/chart-options.ts'
import { type ChartRequest, chartRequest } from '../flags/chart-request.ts'
import { chartsOf } from '../flags/chart-source.ts'
import type { ConfigOption } from '../flags/declared.ts'
import { type Locked, lockedTags, openLocked, pinImages } from '../flags/locked.ts'

/** What a declaration can say in place of flags. */
interface ReplacedOptions extends ChartOptions, ConfigOption {
  readonly to?: string
  readonly mode?: string
  readonly rules?: string
  readonly platform?: readonly string[]
}

/** The charts, and what holds for all of them. */
export interface RelocationRequests<Options> {
  readonly options: Options
  readonly charts: readonly ChartRequest[]
  /** Gives images the digests of the lock file. */
  readonly pin: (pairs: readonly ImagePair[]) => readonly ImagePair[]
  /** What tags stood for when they were locked, by `host/path:tag`. */
  readonly pins: ReadonlyMap<string, string>
  /** The lock that is followed. Default: none. */
  readonly locked?: Locked
}

/** Takes the arguments and the flags, which go over what a declaration says. Throws USAGE, and as `openLocked` does. */
export async function relocationRequests<Options extends ReplacedOptions>(
  charts: readonly string[],
  options: Options,
): Promise<RelocationRequests<Options>> {
  const { config } = options
  if ((charts.length === 0) === (config === undefined))
    throw new ChartferryError('USAGE', 'either charts are named, or --config names a declaration')
  if (config === undefined) {
    const names = await chartsOf(charts)
    return { options, charts: names.map((name) => chartRequest(name, options)), pin: (pairs) => pairs, pins: new Map() }
  }
  const locked = await openLocked(config, options)
  const { target, mode, rules, platforms, registries } = locked.declaration
  const said = {
    ...(target === undefined ? {} : { to: target }),
    ...(mode === undefined ? {} : { mode }),
    // Its rules have the form of a rules file.
    ...(rules.length === 0 ? {} : { rules: config }),
    ...(platforms.length === 0 ? {} : { platform: platforms }),
    declaredRegistries: registries,
  }
  return {
    options: { ...said, ...options },
    charts: locked.charts,
    pin: (pairs) => pinImages(locked, pairs),
    pins: lockedTags(locked),
    locked,
  }
}
