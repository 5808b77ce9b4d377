// The router: a table of routes becomes middleware, with the guard before each answer and the audit behind it.

import { ChartferryError, isChartferryError } from '@chartferry/core'
import Router from '@koa/router'
import type { Context, Middleware } from 'koa'
import { type Change, callerOf, changesOf, clientOf } from '../routes/caller.ts'
import { encodePath, pathSegments } from '../routes/request-path.ts'
import type { Route, RouteStep } from '../routes/route.ts'
import type { Audit } from './audit.ts'
import { statusOf } from './error-status.ts'
import type { Guard } from './guard.ts'

export interface RouterOptions {
  readonly routes: readonly Route[]
  readonly guard: Guard
  readonly audit: Audit
  /** Told of every chart version that was added or taken away. Default: nobody is told. */
  readonly onChange?: ((change: Change, who: string | undefined) => void) | undefined
  /** Takes one request from what a client may still send; throws when there is none left. Default: no limit. */
  readonly limit?: ((address: string) => void) | undefined
  /** What the path of a request is in the table. Throws ROUTE_NOT_FOUND. Default: the path, in segments that mean one thing. */
  readonly pathOf?: (path: string, ctx: Context) => string
  /** Whether a method that no route of the path has is told from a path that nobody has. Default: true. */
  readonly tellsMethods?: boolean
}

/** Answers each request by the first route that has its path and its method. Throws ROUTE_NOT_FOUND, METHOD_NOT_ALLOWED. */
export function router(options: RouterOptions): readonly Middleware[] {
  const { routes, limit, pathOf = (path) => encodePath(pathSegments(path)), tellsMethods = true } = options
  const table = new Router({ sensitive: true, strict: true })
  for (const route of routes)
    for (const [method, step] of Object.entries(route.methods))
      table.register(route.path, method === 'GET' ? ['GET', 'HEAD'] : [method], (ctx) =>
        answer(ctx, route, step, options),
      )
  return [
    async (ctx, next) => {
      // The path is decoded once, by our own rules: what could mean something else further in never gets here.
      ctx.newRouterPath = pathOf(ctx.path, ctx)
      await next()
    },
    table.routes() as Middleware,
    (ctx) => {
      limit?.(clientOf(ctx).address)
      const matched = (ctx.matched ?? []) as readonly { readonly methods: readonly string[] }[]
      if (!tellsMethods) throw new ChartferryError('ROUTE_NOT_FOUND', 'not found')
      if (matched.length === 0) throw new ChartferryError('ROUTE_NOT_FOUND', 'nothing at this path')
      ctx.set('Allow', [...new Set(matched.flatMap(({ methods }) => methods))].sort().join(', '))
      throw new ChartferryError('METHOD_NOT_ALLOWED', `${ctx.method} is not for this path`)
    },
  ]
}

async function answer(ctx: Context, route: Route, step: RouteStep, options: RouterOptions): Promise<void> {
  const { guard, audit, limit, onChange } = options
  const parameters = ctx.params as Readonly<Record<string, string>>
  if (step.needs !== 'nothing') limit?.(clientOf(ctx).address)
  ctx.state.route = route.name
  const tell = (status: number, error?: ChartferryError): void =>
    audit(ctx, step.needs, parameters.repository, status, error)
  try {
    await guard(ctx, step.needs, parameters.repository)
    await step.run(ctx, parameters)
    tell(ctx.status)
  } catch (thrown) {
    if (isChartferryError(thrown)) tell(statusOf(thrown, ctx.method), thrown)
    else tell(500)
    throw thrown
  } finally {
    for (const change of changesOf(ctx)) onChange?.(change, callerOf(ctx).principal?.name)
  }
}
