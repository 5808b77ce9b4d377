// The first question to a registry: which scheme it speaks, and how one proves there who one is.
import { ChartferryError, isChartferryError } from '../../errors.ts'
import type { HttpClient } from '../http/http-client.ts'
import { type Challenge, parseChallenges } from './challenge.ts'
import { drain, speaksNoTls } from './registry-error.ts'

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/

/** Bearer before Basic: tokens can be had with less than a password. */
export function pickChallenge(header: string | undefined): Challenge | undefined {
  const challenges = parseChallenges(header ?? '')
  return challenges.find(({ scheme }) => scheme === 'bearer') ?? challenges.find(({ scheme }) => scheme === 'basic')
}

/** Docker Hub is reached under another name than it is called by. */
function addressOf(host: string): string {
  return host === 'docker.io' || host === 'index.docker.io' ? 'registry-1.docker.io' : host
}

export interface PingOptions {
  readonly client: HttpClient
  readonly host: string
  /** Whether http is spoken. Default: https, and http with a host that is this machine and does not speak https. */
  readonly plainHttp?: boolean | undefined
  /** Whether http is tried with any host that does not speak https. */
  readonly httpAllowed: boolean
}

/** Asks `/v2/`, by https first where both may be. Throws UPSTREAM_UNREACHABLE, UPSTREAM_TIMEOUT, REGISTRY_UNREACHABLE. */
export async function ping(
  { client, host, plainHttp, httpAllowed }: PingOptions,
  signal: AbortSignal | undefined,
): Promise<{ readonly origin: URL; challenge: Challenge | undefined }> {
  const isLocal = plainHttp === undefined && (httpAllowed || loopback.test(host))
  const schemes = plainHttp === true ? ['http'] : isLocal ? ['https', 'http'] : ['https']
  for (const scheme of schemes) {
    const origin = new URL(`${scheme}://${addressOf(host)}`)
    try {
      const attempts = isLocal && scheme === 'https' ? { attempts: 1 } : {}
      const response = await client.request(new URL('/v2/', origin), { ...attempts, signal })
      await drain(response)
      const challenge = response.status === 401 ? pickChallenge(response.headers['www-authenticate']) : undefined
      return { origin, challenge }
    } catch (thrown) {
      // A certificate that is not believed is no reason to speak without one.
      const isPlain =
        isChartferryError(thrown, 'UPSTREAM_UNREACHABLE') &&
        (speaksNoTls(thrown.message) || thrown.details.reason === 'connection')
      if (scheme !== schemes.at(-1) && isPlain) continue
      throw thrown
    }
  }
  throw new ChartferryError('REGISTRY_UNREACHABLE', `${host}: does not answer`)
}
