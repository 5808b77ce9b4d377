// What a version of a relocated repository is made of, as JSON: the plan, the proof, and every edit.
import { ChartferryError } from '@chartferry/core'
import type { Context } from 'koa'
import type { Relocations } from '../relocated/relocated-repository.ts'
import type { ChartRepository } from '../repository/chart-repository.ts'
import { servedPath } from '../upstream/chart-path.ts'
import { versionOf, versionsOf } from './chart-lines.ts'
import { asked } from './repository.ts'

/**
 * `GET /api/<repository>/charts/<name>/<version>/relocation`; it is made if nobody has asked for it before. Throws
 * RELOCATION_REFUSED and the like, CHART_NOT_FOUND, VERSION_NOT_FOUND, ROUTE_NOT_FOUND where nothing is relocated.
 */
export async function sendRelocation(
  ctx: Context,
  options: { readonly charts: ChartRepository; readonly relocations?: Relocations | undefined },
  repository: string,
  name: string,
  version: string,
): Promise<void> {
  const { relocations } = options
  if (relocations?.has(repository) !== true)
    throw new ChartferryError('ROUTE_NOT_FOUND', `the charts of "${repository}" are not relocated`)
  const entry = versionOf(await versionsOf(ctx, options, repository, name), name, version)
  const { made, plan, proof } = await relocations.show(repository, entry, asked(ctx))
  const { edits, ...rest } = plan
  ctx.set('Cache-Control', 'no-store')
  ctx.type = 'application/json'
  ctx.body = JSON.stringify({
    name,
    version,
    source: { digest: made.source, path: made.sourcePath },
    archive: { ...made.archive, path: servedPath(entry.urls[0]) },
    ...(made.provenance === undefined ? {} : { provenance: made.provenance }),
    status: made.proof,
    unproven: made.unproven,
    by: made.by,
    madeAt: made.madeAt,
    plan: rest,
    edits,
    proof,
  })
}
