// What went wrong on the way to another server, in our own codes.
import { ChartferryError, type ErrorCode, isChartferryError } from '../../errors.ts'
import { blockedCode } from './link-local.ts'
import { redactUrl } from './redact-url.ts'

const timeouts = ['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']

/**
 * Takes what a request or its body threw. Gives CANCELLED, UPSTREAM_TIMEOUT or UPSTREAM_UNREACHABLE; `details.reason`
 * is one word or two for a table: `DNS`, `refused`, `timeout`, `certificate`, `address not allowed`, `connection`.
 */
export function requestError(thrown: unknown, url: string | URL, signal?: AbortSignal): ChartferryError {
  if (isChartferryError(thrown)) return thrown
  const where = redactUrl(url)
  if (signal?.aborted) return new ChartferryError('CANCELLED', `${where}: stopped on request`, { cause: thrown })
  const code = codeOf(thrown)
  if (timeouts.includes(code)) {
    return new ChartferryError('UPSTREAM_TIMEOUT', `${where}: no answer in time`, {
      cause: thrown,
      details: { reason: 'timeout' },
    })
  }
  const reason = reasonOf(code)
  return new ChartferryError('UPSTREAM_UNREACHABLE', `${where}: ${wordsOf(code, reason)}`, {
    cause: thrown,
    details: { reason },
  })
}

/**
 * The error for a status that is no success. `notFound` is the code for 404 and 410. 401, 403: UPSTREAM_DENIED; 408,
 * 429 and 5xx: UPSTREAM_UNREACHABLE; anything else: UPSTREAM_INVALID.
 */
export function statusError(
  status: number,
  url: string | URL,
  notFound: ErrorCode = 'UPSTREAM_INVALID',
): ChartferryError {
  const code: ErrorCode =
    status === 401 || status === 403
      ? 'UPSTREAM_DENIED'
      : status === 404 || status === 410
        ? notFound
        : status === 408 || status === 429 || status >= 500
          ? 'UPSTREAM_UNREACHABLE'
          : 'UPSTREAM_INVALID'
  return new ChartferryError(code, `${redactUrl(url)}: answered ${status}`, {
    details: { status, reason: `status ${status}` },
  })
}

function codeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return ''
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return codeOf(thrown.errors[0])
  const { code } = thrown as NodeJS.ErrnoException
  if (typeof code === 'string') return code
  return thrown.cause === undefined ? '' : codeOf(thrown.cause)
}

/** What a code of the system means, for a person; the code stands behind it for whoever looks it up. */
function wordsOf(code: string, reason: string): string {
  const words: Readonly<Record<string, string>> = {
    ENOTFOUND: 'there is no host of this name',
    EAI_AGAIN: 'the name of the host cannot be looked up: no DNS server answers',
    ECONNREFUSED: 'nothing listens there, the connection was refused',
    ECONNRESET: 'the connection was broken off',
    EHOSTUNREACH: 'there is no way to this host',
    ENETUNREACH: 'there is no way to the network of this host',
    UND_ERR_SOCKET: 'the connection was broken off',
  }
  if (code === '') return reason
  return `${words[code] ?? reason} (${code})`
}

function reasonOf(code: string): string {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'DNS'
  if (code === 'ECONNREFUSED') return 'refused'
  if (code === blockedCode) return 'address not allowed'
  return /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO/.test(code) ? 'certificate' : 'connection'
}
