// Registries that are reached by another name than their own, as the server's `registries:` says.
import { readChartArchive } from '@chartferry/core'
import { parseIndexFile } from '@chartferry/core/helm'
import { openRegistries, type Registries } from '@chartferry/core/oci'
import { chartArtifact, pushChart } from '@chartferry/core/transfer'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildChart } from '../../../../test/kit/charts.ts'
import { layerOf, pushImage } from '../../../../test/kit/images.ts'
import { startRegistry, type TestRegistry } from '../../../../test/kit/registry.ts'
import { startServer, type TestServer } from '../../../../test/kit/server.ts'
import { startUpstream } from '../../../../test/kit/upstream.ts'

let registry: TestRegistry
let login: Registries
const open: { close(): Promise<void> }[] = []

async function start(options: Parameters<typeof startServer>[0]): Promise<TestServer> {
  const server = await startServer(options)
  open.push(server)
  return server
}

beforeEach(async () => {
  registry = await startRegistry({ auth: 'bearer' })
  login = openRegistries({
    credentials: { credentialFor: async () => ({ kind: 'basic', username: 'me', password: 'secret' }) },
  })
  const archive = await readChartArchive(await buildChart({ name: 'web' }))
  await pushChart(login.repository(`${registry.host}/mirror/charts/web`), chartArtifact(archive))
  await pushImage(login.repository(`${registry.host}/mirror/team/app`), { layers: [layerOf('app', 1000)], tag: 'v1' })
  registry.forget()
})
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
  await login.close()
  await registry.close()
})

const known = { username: 'me', password: 'secret', plainHttp: true }
const namesOf = (body: Buffer): string[] => [...parseIndexFile(body).entries.keys()]

describe('a registry that is reached by another name', () => {
  it.each([
    ['a mirror', () => ({ mirrors: [{ location: `${registry.host}/mirror`, ...known }] })],
    ['a location', () => ({ location: `${registry.host}/mirror`, ...known })],
    ['its mirrors alone', () => ({ blocked: true, mirrors: [{ location: `${registry.host}/mirror`, ...known }] })],
  ])('is an upstream of charts and of images by %s', async (_, said) => {
    const server = await start({
      repositories: { far: { url: 'oci://registry.invalid/charts', charts: ['web'] } },
      settings: {
        registries: { 'registry.invalid': said() },
        images: { registries: { far2: { host: 'registry.invalid' } } },
      },
    })
    const index = await server.ask('/far/index.yaml')
    expect(namesOf(index.body)).toEqual(['web'])
    const url = parseIndexFile(index.body).entries.get('web')?.[0]?.urls[0]
    expect((await server.ask(`/far/${url}`)).status).toBe(200)
    expect((await server.ask('/v2/far2/team/app/manifests/v1')).status).toBe(200)
  })

  it('has what a repository says of itself over what is said of the registry', async () => {
    const [host] = registry.host.split('/')
    const server = await start({
      repositories: {
        right: { url: `oci://${host}/mirror/charts`, charts: ['web'], username: 'me', password: 'secret' },
        wrong: { url: `oci://${host}/mirror/charts`, charts: ['web'] },
      },
      settings: { registries: { [host ?? '']: { username: 'me', password: 'old', plainHttp: true } } },
    })
    expect((await server.ask('/right/index.yaml')).status).toBe(200)
    expect((await server.ask('/wrong/index.yaml')).json()).toMatchObject({ code: 'UPSTREAM_DENIED' })
  })

  it('is never asked with our credentials because an index names it', async () => {
    const far = await startUpstream()
    open.push(far)
    far.setIndex(
      JSON.stringify({
        apiVersion: 'v1',
        entries: {
          web: [{ name: 'web', version: '1.0.0', urls: [`oci://registry.invalid/charts/web:1.0.0`] }],
          own: [{ name: 'own', version: '1.0.0', urls: [`oci://${registry.host}/mirror/charts/web:1.0.0`] }],
        },
      }),
    )
    const server = await start({
      repositories: { far: { url: far.url, private: true } },
      settings: {
        registries: {
          'registry.invalid': { mirrors: [{ location: `${registry.host}/mirror`, ...known }] },
          [registry.host]: known,
        },
      },
    })
    const { entries } = parseIndexFile((await server.ask('/far/index.yaml')).body)
    for (const name of ['web', 'own'])
      expect((await server.ask(`/far/${entries.get(name)?.[0]?.urls[0]}`)).status).toBeGreaterThanOrEqual(400)
    expect(registry.requests.filter(({ headers }) => headers.authorization?.startsWith('Basic'))).toEqual([])
    expect(registry.requests).not.toEqual([])
  })
})
