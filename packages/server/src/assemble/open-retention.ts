// What hosted repositories retain: the configuration becomes something that notes pulls and takes versions away.
import type { BlobStore } from '@chartferry/core/transfer'
import type { Logger } from 'pino'
import type { RetentionConfig, ServerConfig } from '../config/config.ts'
import type { HostedStore } from '../hosted/hosted-store.ts'
import { pullDates } from '../hosted/pull-dates.ts'
import { applyRetention } from '../hosted/retention.ts'
import { withPullDates } from '../hosted/with-pull-dates.ts'
import type { ChangeEvent } from '../notify/webhooks.ts'
import type { Wrap } from '../repository/chart-repository.ts'

export interface OpenRetentionOptions {
  readonly config: ServerConfig
  readonly store: BlobStore
  readonly hosted: HostedStore
  readonly log: Logger
  readonly now: () => number
  readonly onChange: (event: ChangeEvent) => void
}

export interface Retention {
  /** Notes what is pulled from the repositories whose rules ask for it. */
  readonly wrap: Wrap
  /** Takes away what no rule retains. Throws nothing: what fails is logged. */
  readonly apply: () => Promise<void>
  settle(): Promise<void>
}

/** In the audit log, who takes versions away by these rules. */
const who = 'retention'

/** Does nothing before it is told to. */
export function openRetention({ config, store, hosted, log, now, onChange }: OpenRetentionOptions): Retention {
  const rules = new Map<string, RetentionConfig>()
  for (const [name, repository] of config.repositories)
    if (repository.kind === 'hosted' && repository.retention !== undefined) rules.set(name, repository.retention)
  const warn = (message: string, details: Readonly<Record<string, unknown>>): void => log.warn(details, message)
  const dates = pullDates({ store, now, warn })
  const noted = [...rules].filter(([, { pulledWithin }]) => pulledWithin !== undefined).map(([name]) => name)
  return {
    wrap: withPullDates(dates, new Set(noted)),
    apply: async () => {
      // What was pulled a moment ago counts.
      await dates.settle()
      await applyRetention({
        store: hosted,
        rules,
        dates,
        now,
        warn,
        onRemoved: (repository, { name, version }) => {
          log.info({ audit: true, who, action: 'delete', repository, changed: [`${name} ${version}`] }, 'done')
          onChange({ action: 'delete', repository, name, version, who })
        },
      })
    },
    settle: () => dates.settle(),
  }
}
