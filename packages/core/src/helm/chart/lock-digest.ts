// The digest of a lock file: Helm's own formula (internal/resolver/resolver.go, HashReq, and HashV2Req of charts that
// Helm 2 locked).
import { type Digest, digestOf } from '../../digest.ts'
import type { Chart } from './chart.ts'
import type { ChartLock } from './chart-lock.ts'
import type { ChartDependency } from './dependency.ts'

/** The digest that Helm writes for what was asked and what it was resolved to. */
export function lockDigest(asked: readonly ChartDependency[], locked: readonly ChartDependency[]): Digest {
  return digestOf(new TextEncoder().encode(goJson([asked.map(fieldsOf), locked.map(fieldsOf)])))
}

/**
 * Whether a lock is for the dependencies that its chart asks for now. A name that Helm knows a repository by stands for
 * the URL that the lock has.
 */
export function isLockInSync({ metadata }: Chart, { digest, dependencies }: ChartLock): boolean {
  const asked = metadata.dependencies.map((dependency, index) => {
    const locked = dependencies[index]
    const isName = /^(?:@|alias:)/.test(dependency.repository) && locked?.name === dependency.name
    return isName ? { ...dependency, repository: locked.repository } : dependency
  })
  if (digest === lockDigest(asked, dependencies)) return true
  if (metadata.apiVersion !== 'v1') return false
  const old = goJson({ dependencies: asked.map(fieldsOf) })
  return digest === digestOf(new TextEncoder().encode(old))
}

/** In the order of Helm's struct; all but name and repository are left out where they are empty. */
function fieldsOf(dependency: ChartDependency): Record<string, unknown> {
  const { name, version, repository, condition, tags, enabled, importValues, alias } = dependency
  return {
    name,
    ...(version === '' ? {} : { version }),
    repository,
    ...(condition === '' ? {} : { condition }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(enabled ? { enabled } : {}),
    ...(importValues.length === 0 ? {} : { 'import-values': importValues.map(sorted) }),
    ...(alias === '' ? {} : { alias }),
  }
}

/** Go writes the keys of a map in their order. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** JSON as Go's encoder writes it: safe inside HTML. */
function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
