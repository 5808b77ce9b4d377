// Where images move to: a registry, and a path below it.
import { ChartferryError } from '../errors.ts'
import { type ImageReference, isHost, isPath, tryParseReference } from './reference.ts'

/** A registry and the path below it that all images move under. */
export interface Target {
  /** Host and port: `registry.corp:5000`. */
  readonly host: string
  /** Without slashes at its ends; empty for none. */
  readonly prefix: string
}

/** Reads `HOST[:PORT][/PREFIX]`. Throws REFERENCE_INVALID, also for a host that Docker would read as a path. */
export function parseTarget(text: string): Target {
  const trimmed = text.replace(/\/+$/, '')
  const slash = trimmed.indexOf('/')
  const host = slash < 0 ? trimmed : trimmed.slice(0, slash)
  const prefix = slash < 0 ? '' : trimmed.slice(slash + 1)
  if (/^[a-z][a-z0-9+.-]*:\/\//.test(text)) {
    throw new ChartferryError('REFERENCE_INVALID', `target ${JSON.stringify(text)}: a registry has no scheme`, {
      hint: `Write it as ${text.replace(/^[^/]*\/\//, '')}`,
    })
  }
  if (!isHost(host) || (prefix !== '' && !isPath(prefix))) {
    throw new ChartferryError(
      'REFERENCE_INVALID',
      `target ${JSON.stringify(text)}: not of the form host[:port][/path]`,
      {
        hint: 'Paths are lower-case letters and digits, with single separators between them: registry.corp:5000/mirror',
      },
    )
  }
  // Only a host with a dot, a port or the name localhost is one where it stands before a path.
  if (tryParseReference(`${host}/x`)?.host !== host) {
    throw new ChartferryError(
      'REFERENCE_INVALID',
      `target ${JSON.stringify(text)}: ${JSON.stringify(host)} would be read as a path of Docker Hub`,
      {
        hint: `Give the host a domain or a port: ${host}:5000`,
      },
    )
  }
  return { host, prefix }
}

/** `HOST[:PORT][/PREFIX]`. */
export function formatTarget(target: Target): string {
  return target.prefix === '' ? target.host : `${target.host}/${target.prefix}`
}

/** Whether a reference already points below the target. */
export function isAtTarget(reference: ImageReference, target: Target): boolean {
  return (
    reference.host === target.host && (target.prefix === '' || `${reference.path}/`.startsWith(`${target.prefix}/`))
  )
}
