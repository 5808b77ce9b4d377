import { generateKeyPairSync, verify } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { closesAfterEach } from '../../../../test/kit/closing.ts'
import { startGcs } from '../../../../test/kit/gcs.ts'
import { listen } from '../../../../test/kit/listen.ts'
import { describeWithTools } from '../../../../test/kit/tools.ts'
import { blobStoreSuite } from '../../../../test/suites/blob-store.ts'
import { openGcsStore } from '../../src/storage/gcs-store.ts'
import { gcsTokens } from '../../src/storage/gcs-tokens.ts'

const closeLater = closesAfterEach()

describeWithTools('on an emulator', ['fake-gcs-server'], (tools) => {
  blobStoreSuite('Google Cloud Storage', async () => {
    const gcs = await startGcs(tools['fake-gcs-server'])
    return { store: openGcsStore(gcs.options), close: () => gcs.close() }
  })
})

describe('a bucket of Google Cloud Storage', () => {
  it('is asked again where Google asks for that, and no write is made twice by itself', async () => {
    const asked: string[] = []
    const server = await listen((request, response) => {
      asked.push(request.method ?? '')
      request.resume()
      response.statusCode = 503
      response.end()
    })
    closeLater(() => server.close())
    const store = openGcsStore({ bucket: 'b', endpoint: server.url })
    await expect(store.stat('a')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', details: { status: 503 } })
    expect(asked).toEqual(['GET', 'GET', 'GET'])
    await expect(store.create('a', Buffer.from('x'))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(asked).toEqual(['GET', 'GET', 'GET', 'POST'])
  })

  it('that says nothing is away in time', async () => {
    const server = await listen(() => {})
    closeLater(() => server.close())
    const store = openGcsStore({ bucket: 'b', endpoint: server.url, timeout: 20 })
    await expect(store.stat('a')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', details: { reason: 'timeout' } })
  })
})

async function bodyOf(request: IncomingMessage): Promise<string> {
  return Buffer.concat(await request.toArray()).toString()
}

describe('tokens for Google', () => {
  it('are those of the machine, asked for once while they are good', async () => {
    let asked = 0
    const server = await listen((request, response) => {
      asked += 1
      response.statusCode = request.headers['metadata-flavor'] === 'Google' ? 200 : 403
      response.end(JSON.stringify({ access_token: `token-${asked}`, expires_in: 3600 }))
    })
    closeLater(() => server.close())
    let now = 0
    const tokens = gcsTokens(undefined, { metadata: server.url, now: () => now })
    expect(await Promise.all([tokens(), tokens()])).toEqual(['token-1', 'token-1'])
    now = 3_539_000
    expect(await tokens()).toBe('token-1')
    now = 3_541_000
    expect(await tokens()).toBe('token-2')
  })

  it('are given for a claim that the key of the file has signed', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    let claim: unknown
    const server = await listen((request, response) => {
      void bodyOf(request).then((body) => {
        const [head = '', text = '', signature = ''] = (new URLSearchParams(body).get('assertion') ?? '').split('.')
        const isOurs = verify(
          'RSA-SHA256',
          Buffer.from(`${head}.${text}`),
          publicKey,
          Buffer.from(signature, 'base64url'),
        )
        claim = JSON.parse(Buffer.from(text, 'base64url').toString())
        response.statusCode = isOurs ? 200 : 401
        response.end(JSON.stringify({ access_token: 'by-key', expires_in: 3600 }))
      })
    })
    closeLater(() => server.close())
    const folder = await mkdtemp(join(tmpdir(), 'chartferry-gcs-'))
    closeLater(() => rm(folder, { recursive: true, force: true }))
    const file = join(folder, 'key.json')
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' })
    await writeFile(file, JSON.stringify({ client_email: 'me@x', private_key: key, token_uri: server.url }))
    expect(await gcsTokens(file, { now: () => 1_000_000 })()).toBe('by-key')
    expect(claim).toMatchObject({ iss: 'me@x', aud: server.url, iat: 1000, exp: 4600 })
    await expect(gcsTokens(join(folder, 'none.json'))()).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('none.json') as string,
    })
  })
})
