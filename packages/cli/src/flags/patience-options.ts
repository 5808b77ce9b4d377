// The flags by which commands say how often what failed is asked again.
import { ChartferryError } from '@chartferry/core'
import type { Patience } from '@chartferry/core/oci'
import type { Command } from 'commander'
import { parseTime } from './parse-time.ts'

/** What these flags give. */
export interface PatienceOptions {
  readonly retries?: string
  readonly retryFor?: string
}

/** Adds the flags to a command. */
export function addPatienceOptions(command: Command): Command {
  return command
    .option('--retries <count>', 'how often a request that failed is sent again (default: 5)')
    .option('--retry-for <time>', 'how long, such as 90s or 5m (default: 2m)')
}

/** Reads the flags. Throws USAGE. */
export function patienceOf({ retries, retryFor }: PatienceOptions): Partial<Patience> {
  return {
    ...(retries === undefined ? {} : { retries: countOf(retries) }),
    ...(retryFor === undefined ? {} : { retryFor: parseTime('--retry-for', retryFor) }),
  }
}

function countOf(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text)
  throw new ChartferryError('USAGE', `--retries ${text}: a number from 0 to 999 is wanted`)
}
