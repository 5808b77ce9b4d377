// `chartferry doctor` finds planted faults, each by its name.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRegistries } from '@chartferry/core/oci'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { selfSigned } from '../kit/certificate.ts'
import { type CommandRun, runChartferry } from '../kit/command.ts'
import { freePort } from '../kit/free-port.ts'
import { layerOf, pushImage } from '../kit/images.ts'
import { startRegistry, type TestRegistry } from '../kit/registry.ts'

describe('chartferry doctor', () => {
  let registry: TestRegistry
  let folder: string
  const doctor = (image: string, ...flags: readonly string[]): Promise<CommandRun> =>
    runChartferry(['doctor', image, ...flags])
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartferry-doctor-'))
    registry = await startRegistry()
    const registries = openRegistries()
    await pushImage(registries.repository(`${registry.host}/web`), { tag: '1', layers: [layerOf('web', 500)] })
    await registries.close()
  })
  afterAll(async () => {
    registry.intercept = undefined
    await registry.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('says what is well', async () => {
    const { code, stdout } = await doctor(`${registry.host}/web:1`, '--plain-http')
    expect(code).toBe(0)
    expect(stdout.match(/^✔ (\w+)/gm)).toEqual(['✔ name', '✔ port', '✔ protocol', '✔ manifest', '✔ blobs'])
  })

  it('a name that does not resolve', async () => {
    const { code, stdout, stderr } = await doctor('registry.invalid:5000/web:1')
    expect(code).toBe(8)
    expect(stdout).toContain('✖ name         registry.invalid does not resolve here')
    expect(stderr).toContain('--format etc-hosts')
  })

  it('a port where nothing answers', async () => {
    const port = await freePort()
    const { code, stdout } = await doctor(`127.0.0.1:${port}/web:1`)
    expect(code).toBe(8)
    expect(stdout).toContain(`✖ port         nothing answers on port ${port} of 127.0.0.1 (ECONNREFUSED)`)
  })

  it('http where https is asked, and the other way round', async () => {
    const plain = await doctor(`${registry.host}/web:1`)
    expect([plain.code, plain.stdout]).toEqual([
      8,
      expect.stringContaining('✖ protocol     it speaks http, and is asked by https'),
    ])
    const { key, cert } = selfSigned('localhost')
    const server = createServer({ key, cert }, (_request, response) => response.writeHead(404).end())
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as AddressInfo
    const secure = await doctor(`localhost:${port}/web:1`, '--plain-http')
    expect(secure.stdout).toContain('✖ protocol     it speaks https, and is asked by http')
    // A certificate that nobody knows, and one of another authority.
    const unknown = await doctor(`localhost:${port}/web:1`)
    expect(unknown.code).toBe(8)
    expect(unknown.stdout).toContain('✖ certificate  its certificate is not believed')
    expect(unknown.stderr).toContain('--ca-file FILE')
    const other = join(folder, 'other.pem')
    await writeFile(other, selfSigned('localhost').cert)
    expect((await doctor(`localhost:${port}/web:1`, '--ca-file', other)).stdout).toContain('✖ certificate')
    const own = join(folder, 'own.pem')
    await writeFile(own, cert)
    expect((await doctor(`localhost:${port}/web:1`, '--ca-file', own)).stdout).toContain('✔ certificate')
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  })

  it('bytes that do not have the digest', async () => {
    registry.intercept = (request, response) => {
      if (request.method !== 'GET' || !request.url?.includes('/manifests/')) return false
      const type = 'application/vnd.oci.image.manifest.v1+json'
      response.writeHead(200, { 'content-type': type }).end('{"schemaVersion": 2, "layers": []}')
      return true
    }
    const { code, stdout, stderr } = await doctor(`${registry.host}/web:1`, '--plain-http')
    registry.intercept = undefined
    expect(code).toBe(5)
    expect(stdout).toContain('✖ manifest')
    expect(stderr).toContain('The bytes are not those of the digest')
  })

  it('a blob that is missing, and an image that is', async () => {
    const blob = [...registry.blobs].find(([, bytes]) => bytes[0] === 0x1f)
    registry.intercept = (request, response) => {
      if (!request.url?.endsWith(`/blobs/${blob?.[0]}`)) return false
      response.writeHead(404).end()
      return true
    }
    const { code, stdout } = await doctor(`${registry.host}/web:1`, '--plain-http')
    registry.intercept = undefined
    expect(code).toBe(5)
    expect(stdout).toContain(`of 2 blobs these are missing: ${blob?.[0]}`)
    const absent = await doctor(`${registry.host}/web:2`, '--plain-http')
    expect([absent.code, absent.stdout]).toEqual([5, expect.stringContaining('✖ manifest')])
    expect(absent.stderr).toContain('Copy the image there')
  })
})
