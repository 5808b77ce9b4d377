// Who may do what, in words: for whoever starts the server.
import type { AccessConfig, RepositoryRules, Subject } from '../config/access-config.ts'

export interface DescribedAccess {
  readonly access: AccessConfig
  readonly repositories: ReadonlyMap<string, { readonly access: RepositoryRules }>
  /** Whether clients of this machine are told from others. */
  readonly knowsLoopback: boolean
}

const rights = ['pull', 'push', 'delete'] as const

/** Lines without indentation: the rules for all, then those of repositories that have others, then what to know. */
export function describeAccess({ access, repositories, knowsLoopback }: DescribedAccess): readonly string[] {
  const words = (subjects: readonly Subject[]): string => wordsOf(subjects, knowsLoopback)
  const line = (rules: RepositoryRules): string => rights.map((right) => `${right}: ${words(rules[right])}`).join(' · ')
  const own = [...repositories].filter(([, { access: rules }]) =>
    rights.some((right) => rules[right] !== access[right]),
  )
  const all = [access, ...own.map(([, { access: rules }]) => rules)]
  const named = [...rights.flatMap((right) => all.flatMap((rules) => rules[right])), ...access.metrics, ...access.admin]
  return [
    `${line(access)} · metrics: ${words(access.metrics)} · admin: ${words(access.admin)}`,
    ...own.map(([name, { access: rules }]) => `${name}: ${line(rules)}`),
    ...(named.includes('loopback')
      ? [
          knowsLoopback
            ? 'If a proxy on this machine passes requests on, they count as requests of this machine. In that case set publicUrl or auth.'
            : 'The rule "loopback" lets nobody in here, because the server listens on other addresses too, or because publicUrl or trustedProxies is set.',
        ]
      : []),
  ]
}

function wordsOf(subjects: readonly Subject[], knowsLoopback: boolean): string {
  const known = subjects.filter((subject) => knowsLoopback || subject !== 'loopback')
  if (known.length === 0) return 'nobody'
  if (known.includes('anyone')) return 'anyone'
  return known.map((subject) => special[subject] ?? subject).join(', ')
}

const special: Readonly<Record<string, string>> = {
  users: 'whoever has credentials',
  loopback: 'programs of this machine',
}
