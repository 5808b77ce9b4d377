// Which name each image gets at the target: one function a mode, and the interface that rules implement, too.
import { createHash } from 'node:crypto'
import { ChartferryError } from '../errors.ts'
import {
  canonicalReference,
  dockerHub,
  familiarName,
  formatReference,
  type ImageReference,
  tryParseReference,
} from './reference.ts'
import { formatTarget, isAtTarget, type Target } from './target.ts'

/**
 * How a name at the target is made. `path`: the canonical path, without its host. `host-path`: host and path. `proxy`:
 * the path as people write it, as kOps' containerProxy has it. `flatten`: host and path joined by `-`, as kOps'
 * containerRegistry has it. `last`: the last component alone, as KOTS has it. `hash`: the last component and a hash of
 * the whole name, so that nothing collides and nothing is too long.
 */
export type TargetMode = 'path' | 'host-path' | 'proxy' | 'flatten' | 'last' | 'hash'

/** All modes, the default one first. */
export const targetModes: readonly TargetMode[] = ['path', 'host-path', 'proxy', 'flatten', 'last', 'hash']

/** Gives images their names. Pure. */
export interface Naming {
  /** Where images go that no rule sends elsewhere. */
  readonly target: Target
  /**
   * The name that an image gets, tag and digest kept; the same where it stays. Throws REFERENCE_INVALID for a name that
   * is not valid.
   */
  rename(reference: ImageReference): ImageReference
  /**
   * A registry as charts write it on its own (`quay.io`, `cp.icr.io/cp`, with or without a slash at the end), renamed
   * as its images are; undefined where the text is no registry, where it stays, and where names at the target do not
   * begin with what a registry says.
   */
  renameRegistry(text: string): string | undefined
}

/** The names of one target in one mode; an image that is below the target already stays. */
export function namingOf(target: Target, mode: TargetMode = 'path'): Naming {
  return {
    target,
    rename: (reference) =>
      isAtTarget(reference, target) ? reference : place(reference, target, pathIn(mode, reference)),
    renameRegistry(text) {
      const bare = text.replace(/\/+$/, '')
      const reference = tryParseReference(`${bare}/x`)
      if (reference?.host === undefined || isAtTarget(reference, target)) return undefined
      const rest = bare.slice(reference.host.length) + text.slice(bare.length)
      if (mode === 'path' || mode === 'proxy') return formatTarget(target) + rest
      return mode === 'host-path' ? `${formatTarget(target)}/${asComponent(reference.host)}${rest}` : undefined
    },
  }
}

/** Whether an image has the name that it is to have. */
export function isPlaced(reference: ImageReference, naming: Naming): boolean {
  return formatReference(naming.rename(reference)) === formatReference(reference)
}

/** A reference at a target under a path. Throws REFERENCE_INVALID where the whole is not valid. */
export function place({ tag, digest, ...name }: ImageReference, target: Target, path: string): ImageReference {
  const placed: ImageReference = {
    host: target.host,
    path: target.prefix === '' ? path : `${target.prefix}/${path}`,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  }
  const text = formatReference(placed)
  if (tryParseReference(text) === undefined) {
    throw new ChartferryError(
      'REFERENCE_INVALID',
      `image ${formatReference(name)}: its name at the target is not valid: ${text}`,
      { hint: 'Choose a shorter prefix, or the mode `hash`; a name may have 255 characters.' },
    )
  }
  return placed
}

function pathIn(mode: TargetMode, reference: ImageReference): string {
  const { host, path } = canonicalReference(reference)
  const short = familiarName({ host, path })
  switch (mode) {
    case 'path':
      return path
    case 'host-path':
      return `${asComponent(host)}/${path}`
    case 'proxy':
      return host === dockerHub ? short : path
    case 'flatten':
      return asComponent(short.replace(/^registry\.k8s\.io\//, ''))
    case 'last':
      return lastOf(path)
    case 'hash':
      return `${lastOf(path).slice(0, 100)}-${createHash('sha256').update(`${host}/${path}`).digest('hex').slice(0, 16)}`
  }
}

const lastOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** One component of a path: the port's colon and the slashes become hyphens. */
const asComponent = (text: string): string => text.toLowerCase().replace(/[:/]/g, '-').replace(/[[\]]/g, '')
