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
            ? 'A proxy on this machine would make its clients programs of this machine: then set publicUrl, or auth.'
            : '"loopback" is nobody here: the server does not listen on a loopback address, or has publicUrl or trustedProxies.',
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
