// What is known of a request beside its path: its client, who sends it, and what it changed.
import type { Context } from 'koa'
import { anonymous, type Caller } from '../auth/access.ts'
import type { AnswerKind } from '../metrics/metrics.ts'
import type { CacheState } from '../repository/chart-repository.ts'

/** The other end of the connection, or what a trusted proxy says about it. */
export interface Client {
  readonly address: string
  /** Whether it is this very machine, through no proxy. */
  readonly isLoopback: boolean
  readonly protocol: 'http' | 'https'
  /** What it calls us, with the port where there is one. */
  readonly host: string
}

/** A chart version that a request added to a repository or took from it. */
export interface Change {
  readonly action: 'push' | 'delete'
  readonly repository: string
  readonly name: string
  readonly version: string
}

/** What a repository answered, as the metrics count it. */
export interface Answered {
  readonly repository: string
  readonly kind: AnswerKind
  /** Of an archive: the path behind `charts/`. */
  readonly path?: string
  /** Undefined where there is no cache. */
  readonly cache: CacheState | undefined
}

interface Knowledge {
  client?: Client
  caller?: Caller
  isPublic?: boolean
  changes?: Change[]
  answered?: Answered
  registrySegments?: readonly string[]
}

const nowhere: Client = { address: '', isLoopback: false, protocol: 'http', host: '' }

function knowledge(ctx: Context): Knowledge {
  return ctx.state as Knowledge
}

export function setClient(ctx: Context, client: Client): void {
  knowledge(ctx).client = client
}

export function clientOf(ctx: Context): Client {
  return knowledge(ctx).client ?? nowhere
}

/** The URL under which this client reaches us, without a slash at its end. */
export function baseUrlOf(ctx: Context, publicUrl: string | undefined): string {
  const { protocol, host } = clientOf(ctx)
  return publicUrl ?? `${protocol}://${host}`
}

/** The guard's word on a request: who sends it, and whether anyone could have the answer. */
export function setCaller(ctx: Context, caller: Caller, isPublic: boolean): void {
  Object.assign(knowledge(ctx), { caller, isPublic })
}

/** Who sends the request; nobody that is known where the guard was not asked. */
export function callerOf(ctx: Context): Caller {
  return knowledge(ctx).caller ?? anonymous
}

/** Whether anyone could pull what is asked for, so that shared caches may keep it. */
export function isPublic(ctx: Context): boolean {
  return knowledge(ctx).isPublic === true
}

/**
 * Notes what a request has changed, for the audit log and the webhooks. Every route that changes something calls it.
 */
export function noteChange(ctx: Context, change: Change): void {
  const known = knowledge(ctx)
  known.changes = [...(known.changes ?? []), change]
}

export function changesOf(ctx: Context): readonly Change[] {
  return knowledge(ctx).changes ?? []
}

/** Notes which answer of a repository is sent. */
export function noteAnswered(ctx: Context, answered: Answered): void {
  knowledge(ctx).answered = answered
}

export function answeredOf(ctx: Context): Answered | undefined {
  return knowledge(ctx).answered
}

/** Notes the parts of a path with the registry in front that the client means. */
export function setRegistrySegments(ctx: Context, segments: readonly string[]): void {
  knowledge(ctx).registrySegments = segments
}

/** Undefined for a path that is not that of the registry. */
export function registrySegmentsOf(ctx: Context): readonly string[] | undefined {
  return knowledge(ctx).registrySegments
}

/** The path as it would be with the registry in front. */
export function registryPathOf(ctx: Context): string {
  const segments = knowledge(ctx).registrySegments
  return segments === undefined ? ctx.path : `/${segments.join('/')}`
}
