// What routes and pages of charts share: the versions of a chart, fields as text.

import { ChartferryError } from '@chartferry/core'
import type { ChartVersion } from '@chartferry/core/helm'
import type { Context } from 'koa'
import type { ChartRepository } from '../repository/chart-repository.ts'
import { callerOf } from './caller.ts'

/** The versions of a chart, newest first; at least one. Throws CHART_NOT_FOUND. */
export async function versionsOf(
  ctx: Context,
  { charts }: { readonly charts: ChartRepository },
  repository: string,
  chart: string,
): Promise<readonly ChartVersion[]> {
  const { snapshot } = await charts.index(repository, { caller: callerOf(ctx) })
  const versions = snapshot.index.entries.get(chart) ?? []
  if (versions.length === 0)
    throw new ChartferryError('CHART_NOT_FOUND', `repository "${repository}" has no chart "${chart}"`, {
      hint: `The charts of the repository are at /${repository}`,
    })
  return versions
}

/** Throws VERSION_NOT_FOUND. */
export function versionOf(versions: readonly ChartVersion[], chart: string, version: string): ChartVersion {
  const found = versions.find((one) => one.version === version)
  if (found === undefined)
    throw new ChartferryError('VERSION_NOT_FOUND', `chart "${chart}" has no version ${version} here`)
  return found
}

/** Helm's own choice: the newest that is no prerelease, where there is one. */
export function newestOf(versions: readonly ChartVersion[]): ChartVersion | undefined {
  return versions.find(({ version }) => !isPrerelease(version)) ?? versions[0]
}

function isPrerelease(version: string): boolean {
  return version.split('+')[0]?.includes('-') === true
}

/** A field of an entry; empty where it is no text. */
export function textOf(version: ChartVersion | undefined, field: string): string {
  const value = version?.fields[field]
  return typeof value === 'string' ? value : ''
}

/** A field of an entry that is a list of texts; what is no text in it is left out. */
export function textsOf(version: ChartVersion | undefined, field: string): readonly string[] {
  const value = version?.fields[field]
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}

/** A field of an entry that is a list of mappings; what is none in it is left out. */
export function mappingsOf(version: ChartVersion, field: string): readonly Readonly<Record<string, unknown>>[] {
  const value = version.fields[field]
  return Array.isArray(value) ? value.filter((one) => typeof one === 'object' && one !== null) : []
}
