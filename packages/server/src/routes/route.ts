// What a route is: a pattern of paths, what each method needs, and what answers. The router and its guard know no more.
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
   * `/:repository/chart/:chart`, as @koa/router has it: `:name` stands for one segment, `*name` for one or more. The
   * repository that the rights are about is the parameter `repository`.
   */
  readonly path: string
  /** By method. GET answers HEAD too. */
  readonly methods: Readonly<Record<string, RouteStep>>
}

/** One parameter; a pattern that has it always fills it. */
export function parameter(parameters: PathParameters, name: string): string {
  return parameters[name] ?? ''
}
