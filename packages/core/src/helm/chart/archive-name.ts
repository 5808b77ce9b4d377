// The file name of a chart archive: `name-version.tgz`.
import { parseVersion } from '../semver/version.ts'

/** A chart's name and version as a file name tells them. */
export interface ArchiveName {
  readonly name: string
  readonly version: string
}

const fullVersion = /^v?[0-9]+\.[0-9]+\.[0-9]+/

/** The name that `helm package` gives the archive. */
export function formatArchiveName({ name, version }: ArchiveName): string {
  return `${name}-${version}.tgz`
}

/**
 * Name and version of `name-version.tgz`, undefined where the file name holds none. Both may contain hyphens: the
 * version is the longest tail of three numbers and more (`a-2-0.2.0` is `a-2` at `0.2.0`, `a-1.0.0-rc-1` is `a` at
 * `1.0.0-rc-1`), else the shortest tail that Helm accepts as a version. Only Chart.yaml knows for certain.
 */
export function parseArchiveName(fileName: string): ArchiveName | undefined {
  if (!fileName.endsWith('.tgz')) return undefined
  const stem = fileName.slice(0, -'.tgz'.length)
  const splits = [...stem.matchAll(/-/g)]
    .map(({ index }) => ({ name: stem.slice(0, index), version: stem.slice(index + 1) }))
    .filter(({ name, version }) => name !== '' && parseVersion(version) !== undefined)
  return splits.find(({ version }) => fullVersion.test(version)) ?? splits.at(-1)
}
