// What the guard found out about a request, for the routes.
import type { Context } from 'koa'
import { anonymous, type Caller } from '../auth/access.ts'

interface Findings {
  caller?: Caller
  isPublic?: boolean
}

/** The guard's word on a request: who sends it, and whether anyone could have the answer. */
export function setFindings(ctx: Context, findings: Required<Findings>): void {
  Object.assign(ctx.state, findings)
}

/** Who sends the request; nobody that is known where the guard was not asked. */
export function callerOf(ctx: Context): Caller {
  return (ctx.state as Findings).caller ?? anonymous
}

/** Whether anyone could pull what is asked for, so that shared caches may keep it. */
export function isPublic(ctx: Context): boolean {
  return (ctx.state as Findings).isPublic === true
}
