import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readChartArchive } from '@chartferry/core'
import { openRegistries, type Registries } from '@chartferry/core/oci'
import { type Bundle, openBundle } from '@chartferry/core/transfer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeSample } from '../../../test/kit/bundles.ts'
import { selfSigned } from '../../../test/kit/certificate.ts'
import { errorOf } from '../../../test/kit/error-of.ts'
import { type Answer, ask } from '../../../test/kit/server.ts'
import { type RunningBundle, serveBundle } from '../src/serve-bundle.ts'

let folder: string
let bundle: Bundle
let running: RunningBundle
let client: Registries
const log: string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartferry-bundle-'))
  const path = join(folder, 'shop.ferry')
  await writeSample(path)
  await chmod(path, 0o400)
  await chmod(folder, 0o500)
  bundle = await openBundle(path)
  running = await serveBundle(bundle, { host: '127.0.0.1', port: 0, logTo: { write: (line) => void log.push(line) } })
  client = openRegistries({ plainHttp: true })
})
afterAll(async () => {
  await client.close()
  await running.close()
  await bundle.close()
  await chmod(folder, 0o700)
  await rm(folder, { recursive: true })
})

interface Index {
  readonly entries: { readonly web: readonly { readonly urls: readonly string[]; readonly digest: string }[] }
}

const get = (path: string, host?: string): Promise<Answer> =>
  ask(running.url, path, host === undefined ? {} : { headers: { host } })

async function valuesAt(host: string): Promise<string> {
  const index = (await get('/charts/index.yaml', host)).json() as Index
  const archive = await get(`/charts/${index.entries.web[0]?.urls[0]}`, host)
  const { chart, digest } = await readChartArchive(archive.body)
  expect(`sha256:${index.entries.web[0]?.digest.replace('sha256:', '')}`).toBe(digest)
  return Buffer.from(chart.files.get('values.yaml') ?? []).toString()
}

describe('a bundle that is served', () => {
  it('has its charts relocated to the address that they are asked for at', async () => {
    expect(await valuesAt('10.0.0.5:8080')).toBe(
      'webImage: 10.0.0.5:8080/acme/web:1\ntoolImage: 10.0.0.5:8080/acme/tool:2\n',
    )
    expect(await valuesAt('laptop.local')).toBe(
      'webImage: laptop.local/acme/web:1\ntoolImage: laptop.local/acme/tool:2\n',
    )
    // A host that would be read as a path of Docker Hub cannot stand in a reference: the address itself does.
    expect(await valuesAt('laptop')).toContain(`webImage: ${running.address}/acme/web:1\n`)
  })

  it('has a page of each chart version with the images as they are here', async () => {
    const chart = (await get('/charts/chart/web', 'laptop.local')).body.toString()
    const [, link = ''] = /href="(\/charts\/chart\/web\/[^"]+\/images)"/.exec(chart) ?? []
    let page = await get(link, 'laptop.local')
    while (page.headers.refresh !== undefined) page = await get(link, 'laptop.local')
    expect(page.body.toString()).toContain('<code class="reference">laptop.local/acme/web:1</code>')
  })

  it('has every image where the charts look for it, and under its own names', async () => {
    for (const [name, reference] of [
      ['acme/web', '1'],
      ['acme/tool', '2'],
      ['quay.io/acme/web', '1'],
      ['ghcr.io/acme/tool', '2'],
    ] as const) {
      const place = client.repository(`${running.address}/${name}`)
      const found = await place.resolve(reference)
      const original = bundle.repository(
        name.includes('.io') ? name : name === 'acme/web' ? 'quay.io/acme/web' : 'ghcr.io/acme/tool',
      )
      expect(found).toEqual(await original?.resolve(reference))
    }
    expect((await get('/v2/acme/web/manifests/1?ns=quay.io')).status).toBe(200)
    expect((await get('/v2/acme/web/manifests/1?ns=docker.io')).status).toBe(404)
    expect((await get('/v2/acme/none/manifests/1')).status).toBe(404)
  })

  it('has the charts as a registry has them, without the provenance of the bytes that they were', async () => {
    const manifest = await get('/v2/charts/web/manifests/1.0.0_build', '10.0.0.5:8080')
    const { layers } = manifest.json() as { layers: { digest: string }[] }
    expect(layers).toHaveLength(1)
    const archive = await readChartArchive(
      (await get(`/v2/charts/web/blobs/${layers[0]?.digest}`, '10.0.0.5:8080')).body,
    )
    expect(Buffer.from(archive.chart.files.get('values.yaml') ?? []).toString()).toContain('10.0.0.5:8080/acme/web:1')
    const index = (await get('/charts/index.yaml')).json() as Index
    expect((await get(`/charts/${index.entries.web[0]?.urls[0]}.prov`)).status).toBe(404)
  })

  it('takes nothing, and says so', async () => {
    for (const [method, path, status] of [
      ['PUT', '/v2/acme/web/manifests/2', 405],
      ['POST', '/v2/acme/web/blobs/uploads/', 405],
      ['POST', '/api/charts/charts', 405],
    ] as const)
      expect([path, (await ask(running.url, path, { method, body: '' })).status]).toEqual([path, status])
  })

  it('has a page, and lines to type', async () => {
    const page = await ask(running.url, '/', { headers: { accept: 'text/html' } })
    expect(page.body.toString()).toContain(`helm repo add charts ${running.url}/charts`)
    expect(page.body.toString()).toContain('1 chart · 2 images')
    const banner = running.banner()
    for (const line of [
      `helm repo add charts ${running.url}/charts`,
      `helm pull oci://${running.address}/charts/web --version 1.0.0+build --plain-http`,
      `/etc/containerd/certs.d/quay.io/hosts.toml`,
      `[host."http://${running.address}"]`,
      // Without it containerd 1.6 goes on to https for an image that is not there.
      `server = "http://${running.address}"`,
    ])
      expect(banner).toContain(line)
  })

  it('speaks HTTPS with a certificate, and says so in the lines to type', async () => {
    const tls = selfSigned('laptop.local')
    const encrypted = await serveBundle(bundle, { host: '127.0.0.1', port: 0, tls, logTo: { write: () => {} } })
    const [, port] = encrypted.address.split(':')
    const sent = request({ host: '127.0.0.1', port, path: '/v2/acme/web/tags/list', ca: tls.cert }).end()
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    const body = Buffer.concat(await response.toArray()).toString()
    expect(JSON.parse(body)).toMatchObject({ name: 'acme/web' })
    expect(encrypted.banner()).toContain(`helm repo add charts https://127.0.0.1:${port}/charts`)
    expect(encrypted.banner()).toContain(`[host."https://127.0.0.1:${port}"]`)
    expect(encrypted.banner()).not.toContain('plain-http')
    await encrypted.close()
    for (const pair of [
      { ...tls, key: selfSigned('other').key },
      { ...tls, cert: 'none' },
    ])
      expect((await errorOf(serveBundle(bundle, { port: 0, tls: pair }))).code).toBe('CONFIG_INVALID')
  })

  it('answers 200 addresses without keeping them all', async () => {
    for (let port = 1; port <= 200; port++)
      expect((await get('/charts/index.yaml', `10.0.0.5:${port}`)).status).toBe(200)
    expect(log.filter((line) => line.includes('"level":"error"'))).toEqual([])
    expect(await readFile(join(folder, 'shop.ferry')).then(({ length }) => length)).toBe(bundle.size)
  })
})
