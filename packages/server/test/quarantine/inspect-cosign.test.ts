import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readChartArchive } from '@chartferry/core'
import { type Descriptor, openRegistries, type Registries } from '@chartferry/core/oci'
import { chartArtifact, pushChart } from '@chartferry/core/transfer'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildChart } from '../../../../test/kit/charts.ts'
import { pushImage } from '../../../../test/kit/images.ts'
import { startRegistry, type TestRegistry } from '../../../../test/kit/registry.ts'
import { startServer, type TestServer } from '../../../../test/kit/server.ts'

let registry: TestRegistry
let client: Registries
let folder: string
const servers: TestServer[] = []
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

beforeEach(async () => {
  registry = await startRegistry()
  client = openRegistries()
  folder = await mkdtemp(join(tmpdir(), 'chartferry-cosign-'))
  await writeFile(join(folder, 'cosign.pub'), publicKey.export({ type: 'spki', format: 'pem' }))
})
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
  await client.close()
  await registry.close()
  await rm(folder, { recursive: true })
})

const place = () => client.repository(`${registry.host}/charts/web`)

async function push(version: string): Promise<Descriptor> {
  const artifact = chartArtifact(await readChartArchive(await buildChart({ name: 'web', version })), {
    created: '2026-01-02T03:04:05Z',
  })
  await pushChart(place(), artifact)
  return artifact.manifest.descriptor
}

/** As `cosign sign --key` of cosign 2 does it. */
async function signTag({ digest }: Descriptor, key: KeyObject): Promise<void> {
  const payload = Buffer.from(
    JSON.stringify({
      critical: {
        identity: {},
        image: { 'docker-manifest-digest': digest },
        type: 'cosign container image signature',
      },
    }),
  )
  await pushImage(place(), {
    layers: [payload],
    layerType: 'application/vnd.dev.cosign.simplesigning.v1+json',
    layerAnnotations: { 'dev.cosignproject.cosign/signature': sign('sha256', payload, key).toString('base64') },
    tag: `${digest.replace(':', '-')}.sig`,
  })
}

interface Listed {
  readonly version: string
  readonly state: string
  readonly reason?: string
}

async function start(): Promise<TestServer> {
  const url = `oci://${registry.host}/charts`
  const server = await startServer({
    repositories: { oci: { url, charts: ['web'], filter: { signedBy: join(folder, 'cosign.pub') } } },
    settings: { patience: '60s' },
  })
  servers.push(server)
  return server
}

async function shown(server: TestServer): Promise<string[]> {
  const { entries } = (await server.ask('/oci/index.yaml')).json() as { entries: { web?: { version: string }[] } }
  return (entries.web ?? []).map(({ version }) => version)
}

async function hidden(server: TestServer): Promise<readonly Listed[]> {
  return ((await server.ask('/api/oci/quarantine')).json() as { versions: Listed[] }).versions
}

async function settled(server: TestServer): Promise<void> {
  while ((await hidden(server)).some(({ state }) => state === 'waiting'));
}

describe('signedBy with a public key of cosign', () => {
  it('shows what cosign has signed with the key, and nothing else', async () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    await signTag(await push('1.0.0'), privateKey)
    await push('2.0.0')
    await signTag(await push('3.0.0'), other)
    const server = await start()
    await server.ask('/oci/index.yaml')
    await settled(server)
    expect(await shown(server)).toEqual(['1.0.0'])
    expect((await hidden(server)).map(({ version, reason }) => [version, reason])).toEqual([
      ['3.0.0', expect.stringMatching(/no signature was made with the key for this digest$/)],
      ['2.0.0', expect.stringMatching(/it is not signed$/)],
    ])
  })

  it('is refused for a repository over HTTP, where there are no such signatures', async () => {
    const started = startServer({
      repositories: { up: { url: 'https://charts.example', filter: { signedBy: join(folder, 'cosign.pub') } } },
    })
    await expect(started).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/repositories\.up\.filter\.signedBy.*needs an oci:\/\/ URL/s),
    })
  })
})
