// What hosted repositories keep: the configuration becomes something that notes pulls and takes versions away.
import type { BlobStore } from '@chartferry/core/transfer'
import type { Logger } from 'pino'
import type { KeepConfig, ServerConfig } from '../config/config.ts'
import type { HostedStore } from '../hosted/hosted-store.ts'
import { pullDates } from '../hosted/pull-dates.ts'
import { applyRetention } from '../hosted/retention.ts'
import { withPullDates } from '../hosted/with-pull-dates.ts'
import type { ChangeEvent } from '../notify/webhooks.ts'
import type { Wrap } from '../proxy/repository-proxy.ts'

export interface OpenRetentionOptions {
  readonly config: ServerConfig
  readonly store: BlobStore
  readonly charts: HostedStore
  readonly log: Logger
  readonly now: () => number
  readonly onChange: (event: ChangeEvent) => void
}

export interface Retention {
  /** Notes what is pulled from the repositories that keep it for that. */
  readonly wrap: Wrap
  /** Takes away what nothing keeps. Throws nothing: what fails is logged. */
  readonly apply: () => Promise<void>
  settle(): Promise<void>
}

/** In the audit log, who takes versions away by these rules. */
const who = 'retention'

/** Does nothing before it is told to. */
export function openRetention({ config, store, charts, log, now, onChange }: OpenRetentionOptions): Retention {
  const keep = new Map<string, KeepConfig>()
  for (const [name, repository] of config.repositories)
    if (repository.kind === 'hosted' && repository.keep !== undefined) keep.set(name, repository.keep)
  const warn = (message: string, details: Readonly<Record<string, unknown>>): void => log.warn(details, message)
  const dates = pullDates({ store, now, warn })
  const noted = [...keep].filter(([, { pulledWithin }]) => pulledWithin !== undefined).map(([name]) => name)
  return {
    wrap: withPullDates(dates, new Set(noted)),
    apply: () =>
      applyRetention({
        store: charts,
        keep,
        dates,
        now,
        warn,
        onRemoved: (repository, { name, version }) => {
          log.info({ audit: true, who, action: 'delete', repository, changed: [`${name} ${version}`] }, 'done')
          onChange({ action: 'delete', repository, name, version, who })
        },
      }),
    settle: () => dates.settle(),
  }
}
