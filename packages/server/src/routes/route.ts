// What a route is: a pattern of paths, what each method needs, and what answers. The router and its guard know no more.
import { ChartferryError } from '@chartferry/core'
import type { Context } from 'koa'
import type { RepositoryAction, ServerAction } from '../config/access-config.ts'

/**
 * What a caller needs for a route: a right on its repository, a right on the server; `listing` for what shows each
 * caller no more than they may pull; `login` for being known, where anybody is; `nothing` for what does not even look
 * at credentials.
 */
export type Need = RepositoryAction | ServerAction | 'listing' | 'login' | 'nothing'

/** What the pattern found in the path, decoded. */
export type PathParameters = Readonly<Record<string, string>>

export interface RouteStep {
  readonly needs: Need
  readonly run: (ctx: Context, parameters: PathParameters) => void | Promise<void>
}

export interface Route {
  /** For metrics and logs: one of few words. */
  readonly name: string
  /**
   * `/:repository/chart/:chart`: `:name` stands for one segment, `*name` for one or more. The repository that the
   * rights are about is the parameter `repository`.
   */
  readonly path: string
  /** By method. GET answers HEAD too. */
  readonly methods: Readonly<Record<string, RouteStep>>
}

export interface FoundRoute {
  readonly route: Route
  readonly parameters: PathParameters
}

/** Makes a table of routes answer which one a path leads to: the first that fits. */
export function routeTable(routes: readonly Route[]): (segments: readonly string[]) => FoundRoute | undefined {
  const patterns = routes.map((route) => ({ route, pattern: patternOf(route.path) }))
  return (segments) => {
    const path = `/${segments.join('/')}`
    for (const { route, pattern } of patterns) {
      const match = pattern.exec(path)
      if (match !== null) return { route, parameters: { ...match.groups } }
    }
    return undefined
  }
}

/** The step for a method. Throws METHOD_NOT_ALLOWED, having set Allow. */
export function stepFor(ctx: Context, { methods }: Route): RouteStep {
  const step = methods[ctx.method === 'HEAD' ? 'GET' : ctx.method]
  if (step !== undefined) return step
  ctx.set('Allow', allowedMethods({ methods }).join(', '))
  throw new ChartferryError('METHOD_NOT_ALLOWED', `${ctx.method} is not for this path`)
}

/** The methods of a route, as `Allow` names them. */
function allowedMethods({ methods }: Pick<Route, 'methods'>): string[] {
  return Object.keys(methods).flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
}

/** One parameter; a pattern that has it always fills it. */
export function parameter(parameters: PathParameters, name: string): string {
  return parameters[name] ?? ''
}

function patternOf(path: string): RegExp {
  const parts = path.split(/([:*]\w+)/).map((part) => {
    if (part.startsWith(':')) return `(?<${part.slice(1)}>[^/]+)`
    if (part.startsWith('*')) return `(?<${part.slice(1)}>.+)`
    return part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')
  })
  return new RegExp(`^${parts.join('')}$`, 's')
}
