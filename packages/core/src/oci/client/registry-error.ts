// Answers that are no success, in our own codes, with the registry's own words (distribution specification, error
// codes).
import { ChartferryError, type ErrorCode, isChartferryError } from '../../errors.ts'
import { isRecord } from '../content/descriptor.ts'
import { profileOf } from '../content/profiles.ts'
import type { HttpResponse } from '../http/http-message.ts'
import { requestError } from '../http/request-error.ts'
import { readBody } from '../http/response-body.ts'
import { retryAfter } from '../http/send-request.ts'

/** What was asked for, for the message and for the code of a 404. */
export interface Asked {
  /** `registry.example.com/team/app:1.0`. */
  readonly what: string
  readonly host: string
  readonly repository: string
  readonly notFound: ErrorCode
  /** Whether something was to be written. */
  readonly isPush: boolean
}

interface RegistryWords {
  readonly codes: readonly string[]
  readonly text: string
}

const maxWords = 1 << 16

/** Reads the body of an answer and gives the error that it means. */
export async function statusError(response: HttpResponse, asked: Asked): Promise<ChartferryError> {
  const { status } = response
  const { codes, text } = await readWords(response)
  const isForeign = asked.isPush && /invalid URL on layer|foreign layer|urls? .*layer/i.test(text)
  const code = isForeign ? 'REGISTRY_REFUSED' : codeOf(status, codes, text, asked)
  const words = text === '' ? `answered ${status}` : `${text} (${status})`
  const hint = isForeign ? foreignHint : hintOf(code, asked)
  const pause = retryAfter(response.headers['retry-after'], Date.now())
  return new ChartferryError(code, `${asked.what}: ${words}`, {
    details: {
      status,
      codes,
      host: asked.host,
      repository: asked.repository,
      ...(pause === undefined ? {} : { retryAfter: pause }),
    },
    ...(hint === undefined ? {} : { hint }),
  })
}

const foreignHint =
  'The image has layers that stay at other addresses: copy them, too, with --foreign-layers, or let the registry take such addresses (distribution: validation.manifests.urls.allow).'

function codeOf(status: number, codes: readonly string[], text: string, { notFound, isPush }: Asked): ErrorCode {
  const unknownName = codes.some((name) => ['NAME_UNKNOWN', 'PROJECT_NOT_FOUND', 'REPOSITORY_NOT_FOUND'].includes(name))
  const isMissing =
    unknownName ||
    (status === 404 && notFound === 'TARGET_MISSING') ||
    /project .*not found|repository .*(not found|does not exist)/i.test(text)
  if (codes.includes('BLOB_UPLOAD_UNKNOWN')) return 'REGISTRY_UNREACHABLE'
  if (codes.includes('MANIFEST_BLOB_UNKNOWN') || codes.includes('BLOB_UNKNOWN'))
    return isPush ? 'REGISTRY_REFUSED' : notFound
  if (isPush && isMissing) return 'TARGET_MISSING'
  if (isPush && (status === 412 || /immutab|cannot be overwritten|cannot update tag/i.test(text)))
    return 'TAG_IMMUTABLE'
  if (status === 401 || status === 403) return 'REGISTRY_DENIED'
  if (status === 404 || status === 410) return notFound
  if (codes.includes('DIGEST_INVALID')) return 'DIGEST_MISMATCH'
  if (status === 429 || codes.includes('TOOMANYREQUESTS')) return 'RATE_LIMITED'
  if (status === 408 || status >= 500) return 'REGISTRY_UNREACHABLE'
  return isPush ? 'REGISTRY_REFUSED' : 'REGISTRY_INVALID'
}

function hintOf(code: ErrorCode, { host, repository, isPush }: Asked): string | undefined {
  const profile = profileOf(host)
  if (code === 'TARGET_MISSING') return profile.whenMissing(repository)
  if (code === 'REGISTRY_DENIED')
    return isPush
      ? profile.whenDenied(repository, host)
      : `Log in with an account that may pull: chartferry login ${host}. Where the credentials at hand are out of date and anybody may pull: chartferry logout ${host}, or --retry-anonymous.`
  return undefined
}

/** Reads the short rest of an answer, so that its connection serves the next request. */
export async function drain(response: HttpResponse): Promise<void> {
  await readBody(response, { maxBytes: maxWords }).catch(() => {})
}

async function readWords(response: HttpResponse): Promise<RegistryWords> {
  const body = await readBody(response, { maxBytes: maxWords }).catch(() => Buffer.alloc(0))
  try {
    const document: unknown = JSON.parse(body.toString())
    const list = isRecord(document) && Array.isArray(document.errors) ? document.errors.filter(isRecord) : []
    const texts = list.map(({ code, message, detail }) =>
      [message ?? code, typeof detail === 'string' ? detail : undefined]
        .filter((part) => typeof part === 'string')
        .join(': '),
    )
    return { codes: list.map(({ code }) => String(code)), text: texts.join('; ').slice(0, 500) }
  } catch {
    return { codes: [], text: '' }
  }
}

/** Errors of the HTTP client, said of a registry. */
export function asRegistryError(thrown: unknown, what: string, signal?: AbortSignal): ChartferryError {
  const error = isChartferryError(thrown) ? thrown : requestError(thrown, `https://${what}`, signal)
  const code: ErrorCode | undefined = (
    {
      UPSTREAM_UNREACHABLE: 'REGISTRY_UNREACHABLE',
      UPSTREAM_TIMEOUT: 'REGISTRY_UNREACHABLE',
      UPSTREAM_INVALID: 'REGISTRY_INVALID',
    } as const
  )[error.code as 'UPSTREAM_INVALID']
  if (code === undefined) return error
  const host = what.split('/')[0] ?? what
  const hint = error.details.reason === 'certificate' ? certificateHint(error.message, host) : undefined
  return new ChartferryError(code, error.message, {
    cause: error,
    details: error.details,
    ...(hint === undefined ? {} : { hint }),
  })
}

/** Whether a failed TLS means that the other side speaks none: the words of OpenSSL for bytes that are no record. */
export function speaksNoTls(message: string): boolean {
  return /SSL_WRONG_VERSION|EPROTO|PACKET_LENGTH|HTTP_REQUEST/.test(message)
}

function certificateHint(message: string, host: string): string {
  if (speaksNoTls(message)) return `${host} speaks http: where that is right, say so with --plain-http-host ${host}.`
  return `Trust the authority that signed the certificate of ${host} with --ca-file FILE; --insecure-skip-tls-verify believes any certificate.`
}
