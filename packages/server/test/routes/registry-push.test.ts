// Pushes into hosted repositories as clients of registries send them, rights included.
import { request } from 'node:http'
import { digestOf, readChartArchive } from '@chartferry/core'
import { chartArtifact } from '@chartferry/core/transfer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildChart } from '../../../../test/kit/charts.ts'
import { type Answer, type AskOptions, startServer, type TestServer } from '../../../../test/kit/server.ts'

const type = 'application/vnd.oci.image.manifest.v1+json'
const basic = (who: string): string => `Basic ${Buffer.from(`${who}:secret-${who}`).toString('base64')}`
let server: TestServer

beforeAll(async () => {
  const users = Object.fromEntries(['writer', 'reader'].map((name) => [name, { password: `secret-${name}` }]))
  server = await startServer({
    repositories: {
      local: {
        kind: 'hosted',
        access: { pull: ['anyone'], push: ['writer'], delete: ['writer'] },
        immutableTags: ['v*'],
      },
      closed: { kind: 'hosted', access: { pull: ['writer'], push: ['writer'], delete: ['writer'] } },
      helm: { kind: 'hosted', images: false, access: { push: ['writer'], pull: ['anyone'] } },
      small: { kind: 'hosted', space: 1000, access: { push: ['writer'], pull: ['anyone'] } },
    },
    settings: { auth: { users }, images: { blobBytes: 5000 } },
  })
})
afterAll(() => server.close())

const send = (method: string, path: string, options: AskOptions = {}): Promise<Answer> =>
  server.ask(path, { method, ...options, headers: { authorization: basic('writer'), ...options.headers } })
const codeOf = (answer: Answer): string | undefined => (answer.json() as { errors: { code: string }[] }).errors[0]?.code

async function pushBlob(repository: string, body: string | Uint8Array): Promise<string> {
  const digest = digestOf(body)
  const answer = await send('POST', `/v2/${repository}/blobs/uploads/?digest=${digest}`, { body })
  expect([answer.status, answer.headers.location]).toEqual([201, `/v2/${repository}/blobs/${digest}`])
  return digest
}

function manifestOf(...texts: readonly string[]): string {
  const [config, ...layers] = texts.map((text) => ({ mediaType: 'a/b', digest: digestOf(text), size: text.length }))
  return JSON.stringify({ schemaVersion: 2, mediaType: type, config, layers })
}

const putManifest = (path: string, body: string): Promise<Answer> =>
  send('PUT', `/v2/${path}`, { body, headers: { 'content-type': type } })

async function begin(repository = 'local/web'): Promise<string> {
  const { status, headers } = await send('POST', `/v2/${repository}/blobs/uploads/`)
  expect(status).toBe(202)
  return headers.location ?? ''
}

describe('an upload', () => {
  it('arrives in chunks, says where it stands, and is a blob under its digest', async () => {
    const at = await begin()
    const first = await send('PATCH', at, { body: 'hello ', headers: { 'content-range': '0-5' } })
    expect([first.status, first.headers.range, first.headers.location]).toEqual([202, '0-5', at])
    const wrong = await send('PATCH', at, { body: 'wor', headers: { 'content-range': '9-11' } })
    expect([wrong.status, codeOf(wrong), wrong.headers.range]).toEqual([416, 'BLOB_UPLOAD_INVALID', '0-5'])
    const stands = await send('GET', at)
    expect([stands.status, stands.headers.range]).toEqual([204, '0-5'])
    const digest = digestOf('hello world')
    const end = await send('PUT', `${at}?digest=${digest}`, { body: 'world', headers: { 'content-range': '6-10' } })
    expect([end.status, end.headers['docker-content-digest']]).toEqual([201, digest])
    expect((await server.ask(`/v2/local/web/blobs/${digest}`)).body.toString()).toBe('hello world')
    const head = await server.ask(`/v2/local/web/blobs/${digest}`, { method: 'HEAD' })
    expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, '11', 0])
    const part = await server.ask(`/v2/local/web/blobs/${digest}`, { headers: { range: 'bytes=6-8' } })
    expect([part.status, part.headers['content-range'], part.body.toString()]).toEqual([206, 'bytes 6-8/11', 'wor'])
    // The answer was lost, and the client asks again.
    expect((await send('PUT', `${at}?digest=${digest}`)).status).toBe(201)
    expect((await send('GET', at)).status).toBe(404)
  })

  it('that the client breaks off keeps what has arrived', async () => {
    const at = await begin()
    await new Promise<void>((done) => {
      const { hostname, port } = new URL(server.url)
      const sent = request({ hostname, port, path: at, method: 'PATCH', headers: { authorization: basic('writer') } })
      sent.on('error', () => done())
      sent.write('what came', () => {
        // A reset overtakes what has not been read: other requests have their answers first.
        void send('GET', '/v2/')
          .then(() => send('GET', '/v2/'))
          .then(() => sent.destroy())
      })
    })
    let range = ''
    // The server hears of the end in its own time.
    for (let looks = 0; range !== '0-8' && looks < 1000; looks++) range = (await send('GET', at)).headers.range ?? ''
    expect(range).toBe('0-8')
  })

  it('under another digest, too large, or without a digest is refused', async () => {
    const wrong = await send('PUT', `${await begin()}?digest=${digestOf('another')}`, { body: 'one' })
    expect([wrong.status, codeOf(wrong)]).toEqual([400, 'DIGEST_INVALID'])
    const large = await send('PUT', `${await begin()}?digest=${digestOf('x')}`, { body: 'x'.repeat(6000) })
    expect([large.status, codeOf(large)]).toEqual([413, 'SIZE_INVALID'])
    const none = await send('PUT', await begin(), { body: 'one' })
    expect([none.status, codeOf(none)]).toEqual([400, 'DIGEST_INVALID'])
    const range = await send('PATCH', await begin(), { body: 'one', headers: { 'content-range': '0-9' } })
    expect([range.status, codeOf(range)]).toEqual([416, 'BLOB_UPLOAD_INVALID'])
  })

  it('is cancelled, and is no upload any more', async () => {
    const at = await begin()
    expect((await send('DELETE', at)).status).toBe(204)
    expect([(await send('DELETE', at)).status, (await send('PATCH', at, { body: 'x' })).status]).toEqual([404, 404])
  })

  it('is not needed for what another repository has that the client may pull from', async () => {
    const digest = await pushBlob('local/one', 'shared')
    const mount = await send('POST', `/v2/local/two/blobs/uploads/?mount=${digest}&from=local/one`)
    expect([mount.status, mount.headers.location]).toEqual([201, `/v2/local/two/blobs/${digest}`])
    expect((await send('POST', `/v2/local/three/blobs/uploads/?mount=${digest}`)).status).toBe(201)
    const absent = await send('POST', `/v2/local/two/blobs/uploads/?mount=${digestOf('absent')}&from=local/one`)
    expect(absent.status).toBe(202)
  })
})

describe('a manifest', () => {
  it('gets a tag, is listed, and goes', async () => {
    for (const text of ['config', 'layer']) await pushBlob('local/team/app', text)
    const body = manifestOf('config', 'layer')
    const digest = digestOf(body)
    const pushed = await putManifest('local/team/app/manifests/latest', body)
    expect([pushed.status, pushed.headers.location]).toEqual([201, `/v2/local/team/app/manifests/${digest}`])
    const found = await server.ask('/v2/local/team/app/manifests/latest')
    expect([found.headers['content-type'], found.body.toString()]).toEqual([type, body])
    expect((await server.ask('/v2/local/team/app/tags/list')).json()).toEqual({
      name: 'local/team/app',
      tags: ['latest'],
    })
    const used = await send('DELETE', `/v2/local/team/app/blobs/${digestOf('layer')}`)
    expect([used.status, codeOf(used)]).toEqual([409, 'DENIED'])
    expect((await send('DELETE', '/v2/local/team/app/manifests/latest')).status).toBe(202)
    expect((await server.ask('/v2/local/team/app/manifests/latest')).status).toBe(404)
    expect((await send('DELETE', `/v2/local/team/app/manifests/${digest}`)).status).toBe(202)
    expect((await send('DELETE', `/v2/local/team/app/blobs/${digestOf('layer')}`)).status).toBe(202)
  })

  it('that refers to another is found there, and the answer says so', async () => {
    await pushBlob('local/app', 'config')
    const subject = { mediaType: type, digest: digestOf('nothing that is there'), size: 21 }
    const body = JSON.stringify({ ...JSON.parse(manifestOf('config')), subject, artifactType: 'a/signature' })
    const pushed = await putManifest(`local/app/manifests/${digestOf(body)}`, body)
    expect([pushed.status, pushed.headers['oci-subject']]).toEqual([201, subject.digest])
    const list = await server.ask(`/v2/local/app/referrers/${subject.digest}?artifactType=a/signature`)
    expect(list.headers['oci-filters-applied']).toBe('artifactType')
    expect(list.json()).toMatchObject({ manifests: [{ digest: digestOf(body), artifactType: 'a/signature' }] })
  })

  it.each([
    ['names a blob that is not there', manifestOf('absent'), 400, 'MANIFEST_BLOB_UNKNOWN'],
    ['is no JSON', 'x', 400, 'MANIFEST_INVALID'],
    ['is larger than four MiB', `{"a":"${'x'.repeat(5 << 20)}"}`, 413, 'SIZE_INVALID'],
  ])('that %s is refused', async (_, body, status, code) => {
    const answer = await putManifest('local/web/manifests/bad', body)
    expect([answer.status, codeOf(answer)]).toEqual([status, code])
  })

  it.each([
    ['a tag that is none', 'local/web/manifests/-x', 400, 'NAME_INVALID'],
    ['a digest that is none', 'local/web/manifests/sha256:beef', 400, 'DIGEST_INVALID'],
    ['a name in capitals', 'local/Web/manifests/x', 400, 'NAME_INVALID'],
    ['a name of 256 characters', `local/${'x'.repeat(250)}/manifests/x`, 400, 'NAME_INVALID'],
    ['a repository that is not there', 'nowhere/web/manifests/x', 404, 'NAME_UNKNOWN'],
  ])('under %s is refused', async (_, path, status, code) => {
    await pushBlob('local/web', 'config')
    const answer = await putManifest(path, manifestOf('config'))
    expect([answer.status, codeOf(answer)]).toEqual([status, code])
  })

  it('under a name of 255 characters is taken', async () => {
    const name = `local/${'x'.repeat(249)}`
    await pushBlob(name, 'config')
    expect((await putManifest(`${name}/manifests/latest`, manifestOf('config'))).status).toBe(201)
    expect((await server.ask(`/v2/${name}/manifests/latest`)).status).toBe(200)
  })

  it('does not get a tag that stays what it is', async () => {
    for (const text of ['one', 'two']) await pushBlob('local/still', text)
    expect((await putManifest('local/still/manifests/v1', manifestOf('one'))).status).toBe(201)
    expect((await putManifest('local/still/manifests/v1', manifestOf('one'))).status).toBe(201)
    const other = await putManifest('local/still/manifests/v1', manifestOf('two'))
    expect([other.status, codeOf(other)]).toEqual([409, 'DENIED'])
    expect((await putManifest('local/still/manifests/latest', manifestOf('two'))).status).toBe(201)
    expect((await send('DELETE', '/v2/local/still/manifests/v1')).status).toBe(409)
  })
})

describe('rights', () => {
  it('are those of the hosted repository', async () => {
    const as = (who: string): AskOptions => ({ headers: { authorization: basic(who) }, method: 'POST' })
    expect((await server.ask('/v2/local/web/blobs/uploads/', as('reader'))).status).toBe(403)
    expect((await server.ask('/v2/local/web/blobs/uploads/', { method: 'POST' })).status).toBe(401)
    expect((await server.ask('/v2/local/web/blobs/uploads/', as('writer'))).status).toBe(202)
  })

  it('hold for what a blob is taken over from', async () => {
    const digest = await pushBlob('closed/secret', 'the secret')
    const users = { authorization: basic('writer') }
    expect((await server.ask(`/v2/closed/secret/blobs/${digest}`, { headers: users })).status).toBe(200)
    expect((await server.ask(`/v2/closed/secret/blobs/${digest}`)).status).toBe(401)
    expect((await server.ask(`/v2/local/secret/blobs/${digest}`)).status).toBe(404)
  })

  it('end where the space does', async () => {
    const full = await send('POST', `/v2/small/web/blobs/uploads/?digest=${digestOf('x'.repeat(2000))}`, {
      body: 'x'.repeat(2000),
    })
    expect([full.status, codeOf(full)]).toEqual([507, 'DENIED'])
  })
})

describe('a chart', () => {
  const artifactOf = async (version: string, values = 'a: 1\n') =>
    chartArtifact(await readChartArchive(await buildChart({ name: 'web', version, values })), {
      created: '2026-01-01T00:00:00Z',
    })

  async function pushChart(repository: string, version: string, values?: string): Promise<Answer> {
    const { blobs, manifest, tag } = await artifactOf(version, values)
    for (const { bytes } of blobs) await pushBlob(`${repository}/web`, bytes)
    return putManifest(`${repository}/web/manifests/${tag}`, Buffer.from(manifest.bytes).toString())
  }

  it('pushed by its tag is in the index at once, with the very bytes, and its manifest keeps its digest', async () => {
    expect((await pushChart('helm', '1.0.0+build.1')).status).toBe(201)
    const { manifest, blobs } = await artifactOf('1.0.0+build.1')
    expect((await server.ask('/helm/index.yaml')).body.toString()).toContain('"version":"1.0.0+build.1"')
    const archive = await server.ask('/helm/charts/web-1.0.0+build.1.tgz')
    expect(archive.body).toEqual(Buffer.from(blobs[1]?.bytes ?? []))
    const found = await server.ask('/v2/helm/web/manifests/1.0.0_build.1')
    expect(found.headers['docker-content-digest']).toBe(manifest.descriptor.digest)
    expect((await server.ask(`/v2/helm/web/manifests/${manifest.descriptor.digest}`)).body).toEqual(
      Buffer.from(manifest.bytes),
    )
  })

  it('pushed again is taken when it is the same, and refused when it is another one', async () => {
    expect((await pushChart('helm', '2.0.0')).status).toBe(201)
    expect((await pushChart('helm', '2.0.0')).status).toBe(201)
    const other = await pushChart('helm', '2.0.0', 'a: 2\n')
    expect([other.status, codeOf(other)]).toEqual([409, 'DENIED'])
  })

  it('pushed by the API of ChartMuseum is there by its tag, and no image takes that', async () => {
    const body = await buildChart({ name: 'web', version: '3.0.0' })
    expect((await send('POST', '/api/local/charts', { body })).status).toBe(201)
    expect((await server.ask('/v2/local/web/manifests/3.0.0')).status).toBe(200)
    await pushBlob('local/web', 'config')
    expect((await putManifest('local/web/manifests/3.0.0', manifestOf('config'))).status).toBe(409)
  })

  it('is deleted by its digest, and is in no index then', async () => {
    await pushChart('local', '4.0.0')
    const digest = (await artifactOf('4.0.0')).manifest.descriptor.digest
    expect((await send('DELETE', `/v2/local/web/manifests/${digest}`)).status).toBe(202)
    expect((await server.ask('/local/index.yaml')).body.toString()).not.toContain('4.0.0')
    expect((await server.ask('/v2/local/web/manifests/4.0.0')).status).toBe(404)
  })

  it('is all that a repository takes that is for charts alone', async () => {
    await pushBlob('helm/app', 'config')
    const image = await putManifest('helm/app/manifests/latest', manifestOf('config'))
    expect([image.status, codeOf(image)]).toEqual([403, 'DENIED'])
  })
})
