// Who may do what with which repository: rules as data, one question.
import type { RepositoryAction, RepositoryRules, ServerAction, ServerRules, Subject } from '../config/access-config.ts'
import type { Principal } from './authenticator.ts'

/** Who sends a request. */
export interface Caller {
  /** Undefined: no credentials were given. */
  readonly principal?: Principal | undefined
  /** Whether the connection comes from this very machine, through no proxy. */
  readonly isLoopback: boolean
  /** Whether it is the server itself, for whom no rule counts. Never so for a request. */
  readonly isServer?: boolean
}

/** Somebody of whom nothing is known. */
export const anonymous: Caller = { isLoopback: false }

export interface AccessRules {
  /** Of repositories that have none of their own. */
  readonly everywhere: RepositoryRules
  readonly server: ServerRules
  /** Each whole: what a repository leaves open is filled in. */
  readonly repositories: ReadonlyMap<string, RepositoryRules>
  /** The members of groups of repositories. */
  readonly members: ReadonlyMap<string, readonly string[]>
}

export interface Access {
  /** A group of repositories has rules of its own; what its members give is asked of them, one by one. */
  allows(caller: Caller, action: RepositoryAction, repository: string): boolean
  allowsServer(caller: Caller, action: ServerAction): boolean
  /** Whether all of a repository, and of its members where it is a group, may be pulled by anyone. */
  isPublic(repository: string): boolean
}

/** The server itself: for its own banner, its metrics, its work in the background. */
export const theServer: Caller = { isLoopback: true, isServer: true }

/** Makes rules answer. A repository that nobody has configured follows the rules for all. */
export function accessOf({ everywhere, server, repositories, members }: AccessRules): Access {
  const rulesOf = (repository: string): RepositoryRules => repositories.get(repository) ?? everywhere
  const isOpen = (repository: string): boolean => rulesOf(repository).pull.includes('anyone')
  return {
    allows: (caller, action, repository) => matchesRules(rulesOf(repository)[action], caller),
    allowsServer: (caller, action) => matchesRules(server[action], caller),
    isPublic: (repository) => isOpen(repository) && (members.get(repository) ?? []).every(isOpen),
  }
}

/** Whether one of the subjects is the caller. */
export function matchesRules(
  subjects: readonly Subject[],
  { principal, isLoopback, isServer = false }: Caller,
): boolean {
  if (isServer) return true
  return subjects.some((subject) => {
    if (subject === 'anyone') return true
    if (subject === 'loopback') return isLoopback
    if (principal === undefined) return false
    if (subject === 'users') return true
    if (subject.startsWith('group:')) return principal.groups.includes(subject.slice('group:'.length))
    return principal.name === subject
  })
}
