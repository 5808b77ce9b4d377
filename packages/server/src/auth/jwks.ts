// The keys of an issuer that publishes them (RFC 7517), fetched when they are needed and kept for a while.

import { ChartferryError, isChartferryError } from '@chartferry/core'
import { type HttpClient, messageOf, readBody } from '@chartferry/core/internal'
import { createLocalJWKSet, errors, type JSONWebKeySet } from 'jose'
import type { KeySource } from './key-source.ts'

export interface JwksOptions {
  readonly client: HttpClient
  /** Where the keys are; undefined: where the issuer's OpenID configuration says. */
  readonly url?: string | undefined
  /** Its OpenID configuration is below this URL. */
  readonly issuer: string
  /** Milliseconds for which keys are used without asking. Default: 10 minutes. */
  readonly freshFor?: number
  /** Milliseconds for which they are used while the issuer cannot be reached. Default: a day. */
  readonly usableFor?: number
  /** Milliseconds between two questions, whatever unknown keys tokens name. Default: 30 seconds. */
  readonly pause?: number
}

type LocalKeys = ReturnType<typeof createLocalJWKSet>

const mostBytes = 1024 * 1024

/** Reaches nobody before the first token comes. One question at a time, however many wait. */
export function jwksKeys(options: JwksOptions): KeySource {
  const { client, issuer, freshFor = 600_000, usableFor = 86_400_000, pause = 30_000 } = options
  let keys: { readonly set: LocalKeys; readonly at: number } | undefined
  let askedAt = Number.NEGATIVE_INFINITY
  let asking: Promise<void> | undefined
  let failure: unknown

  async function fetchJson(url: string): Promise<Record<string, unknown>> {
    const response = await client.request(url, { headers: { accept: 'application/json' } })
    const body = await readBody(response, { maxBytes: mostBytes, tooLarge: 'ARCHIVE_TOO_LARGE' })
    if (response.status !== 200) throw new Error(`${url}: answers ${response.status}`)
    return JSON.parse(body.toString()) as Record<string, unknown>
  }

  async function refresh(now: number): Promise<void> {
    try {
      const base = issuer.replace(/\/$/, '')
      const url = options.url ?? (await fetchJson(`${base}/.well-known/openid-configuration`)).jwks_uri
      if (typeof url !== 'string') throw new Error(`${base}/.well-known/openid-configuration: has no jwks_uri`)
      keys = { set: createLocalJWKSet((await fetchJson(url)) as unknown as JSONWebKeySet), at: now }
      failure = undefined
    } catch (thrown) {
      failure = thrown
    }
  }

  async function ask(now: number): Promise<void> {
    if (asking === undefined) {
      if (now - askedAt < pause) return
      askedAt = now
      asking = refresh(now).finally(() => {
        asking = undefined
      })
    }
    await asking
  }

  function current(now: number): LocalKeys {
    if (keys !== undefined && now - keys.at < usableFor) return keys.set
    throw new ChartferryError('AUTH_UNAVAILABLE', `the keys of ${issuer} cannot be had: ${reasonOf(failure)}`, {
      cause: failure,
    })
  }

  return {
    keysFor: async (header, now) => {
      if (keys === undefined || now - keys.at >= freshFor) await ask(now)
      const found = await pick(current(now), header)
      if (found.length > 0) return found
      // A key that the issuer has begun to use since.
      await ask(now)
      return pick(current(now), header)
    },
  }
}

async function pick(
  set: LocalKeys,
  { alg = 'none', kid }: { alg?: string; kid?: string },
): ReturnType<KeySource['keysFor']> {
  try {
    return [await set({ alg, ...(kid === undefined ? {} : { kid }) })]
  } catch (thrown) {
    if (thrown instanceof errors.JWKSMultipleMatchingKeys) return Array.fromAsync(thrown)
    return []
  }
}

function reasonOf(thrown: unknown): string {
  return isChartferryError(thrown) || thrown instanceof Error ? messageOf(thrown) : 'nobody answered yet'
}
