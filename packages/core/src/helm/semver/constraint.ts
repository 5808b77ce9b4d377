// Whether a version satisfies a constraint, as Helm asks for dependencies and Kubernetes versions.
import { parseVersion } from './version.ts'
import { readVersionRange } from './version-range.ts'

/** Helm's IsCompatibleRange: false also where one of the two cannot be read. */
export function satisfies(constraint: string, version: string): boolean {
  const range = readVersionRange(constraint)
  const parsed = parseVersion(version)
  return typeof range !== 'string' && parsed !== undefined && range(parsed)
}
