// What proves to Google Cloud Storage who we are: tokens of the machine's service account, or of one whose key is in a file.
import { createSign } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import process from 'node:process'
import { ChartferryError } from '../errors.ts'
import { callTime } from './s3-bounds.ts'

/** Gives a token that is good for a minute at least. Throws STORE_UNAVAILABLE. */
export type GcsTokens = () => Promise<string>

interface ServiceAccountKey {
  readonly client_email: string
  readonly private_key: string
  readonly token_uri: string
}

const metadataServer = 'http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token'
const scope = 'https://www.googleapis.com/auth/devstorage.read_write'
/** Milliseconds before its end at which a token is replaced. */
const early = 60_000

/**
 * Tokens as Google's own libraries find them: by the key file that GOOGLE_APPLICATION_CREDENTIALS names,
 * else from the metadata server, which answers on machines and pods of Google's cloud. Asks nobody yet.
 */
export function gcsTokens(
  credentialsFile: string | undefined = process.env.GOOGLE_APPLICATION_CREDENTIALS,
  { metadata = metadataServer, now = Date.now }: { readonly metadata?: string; readonly now?: () => number } = {},
): GcsTokens {
  let held: { readonly token: string; readonly until: number } | undefined
  let asking: Promise<string> | undefined

  async function ask(): Promise<string> {
    const request = credentialsFile === undefined ? undefined : await keyRequest(credentialsFile, now())
    const answer = await fetch(request?.url ?? metadata, {
      ...(request === undefined
        ? { headers: { 'metadata-flavor': 'Google' } }
        : { method: 'POST', body: request.body }),
      signal: AbortSignal.timeout(callTime),
    })
    if (!answer.ok) throw new Error(`status ${answer.status}`)
    const { access_token: token, expires_in: seconds } = (await answer.json()) as {
      access_token: string
      expires_in: number
    }
    held = { token, until: now() + seconds * 1000 - early }
    return token
  }

  return async () => {
    if (held !== undefined && now() < held.until) return held.token
    asking ??= ask().finally(() => {
      asking = undefined
    })
    try {
      return await asking
    } catch (thrown) {
      const from = credentialsFile ?? 'the metadata server of Google Cloud'
      const reason = thrown instanceof Error ? thrown.message : String(thrown)
      throw new ChartferryError('STORE_UNAVAILABLE', `no token for the bucket: ${from}: ${reason}`, {
        cause: thrown,
        hint: 'Give the machine or the pod a service account, or name a key file: GOOGLE_APPLICATION_CREDENTIALS.',
      })
    }
  }
}

/** RFC 7523: a signed claim is exchanged for a token. */
async function keyRequest(
  file: string,
  now: number,
): Promise<{ readonly url: string; readonly body: URLSearchParams }> {
  const key = JSON.parse(await readFile(file, 'utf8')) as ServiceAccountKey
  const issued = Math.floor(now / 1000)
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claim = { iss: key.client_email, scope, aud: key.token_uri, iat: issued, exp: issued + 3600 }
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claim)}`
  const signature = createSign('RSA-SHA256').update(text).sign(key.private_key, 'base64url')
  const grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
  return { url: key.token_uri, body: new URLSearchParams({ grant_type: grant, assertion: `${text}.${signature}` }) }
}
