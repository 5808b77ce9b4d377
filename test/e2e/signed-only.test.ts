// A repository that shows signed charts alone, judged by helm and gpg.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openHelm } from '../kit/helm.ts'
import { startServer } from '../kit/server.ts'
import { createSigningKey } from '../kit/signing-key.ts'
import { describeWithTools } from '../kit/tools.ts'
import { startUpstream } from '../kit/upstream.ts'

describeWithTools('signedBy', ['helm3'], (tools) => {
  it('shows what a key of the ring has signed for just these bytes, and nothing else', async () => {
    const [trusted, stranger] = [await createSigningKey(), await createSigningKey()]
    if (trusted === undefined || stranger === undefined) {
      if (process.env.CI === 'true') throw new Error('gpg is missing')
      console.warn('SKIPPED: signed charts need gpg')
      return
    }
    const folder = await mkdtemp(join(tmpdir(), 'chartferry-signed-'))
    const helm = await openHelm(tools.helm3)
    const upstream = await startUpstream([{ name: 'unsigned' }])
    const pack = async (name: string, key: typeof trusted) => {
      await helm.must('create', name)
      await helm.must(
        'package',
        name,
        '--version',
        '1.0.0',
        '--sign',
        '--key',
        key.name,
        '--keyring',
        key.secretKeyring,
      )
      const [bytes, provenance] = await Promise.all(
        ['', '.prov'].map((end) => readFile(join(helm.folder, `${name}-1.0.0.tgz${end}`))),
      )
      return { bytes: bytes ?? Buffer.alloc(0), provenance: provenance ?? Buffer.alloc(0) }
    }
    const good = await pack('good', trusted)
    await upstream.add({ name: 'good' }, good)
    await upstream.add({ name: 'foreign' }, await pack('foreign', stranger))
    await upstream.add({ name: 'swapped' }, { ...(await pack('swapped', trusted)), bytes: good.bytes })
    const tampered = await pack('tampered', trusted)
    const provenance = tampered.provenance.toString().replace('name: tampered', 'name: Tampered')
    await upstream.add({ name: 'tampered' }, { ...tampered, provenance })
    const server = await startServer({
      repositories: { up: { url: upstream.url, filter: { signedBy: trusted.publicKeyring } } },
      settings: { patience: '20s' },
    })
    try {
      await server.ask('/up/index.yaml')
      const list = async () =>
        (
          (await server.ask('/api/up/quarantine')).json() as {
            versions: { chart: string; state: string; reason?: string }[]
          }
        ).versions
      while ((await list()).some(({ state }) => state === 'waiting'));
      await helm.must('repo', 'add', 'up', `${server.url}/up`)
      const found = JSON.parse(await helm.must('search', 'repo', '-o', 'json')) as { name: string }[]
      expect(found.map(({ name }) => name)).toEqual(['up/good'])
      await helm.must('pull', 'up/good', '--verify', '--keyring', trusted.publicKeyring, '-d', folder)
      const reasons = Object.fromEntries((await list()).map(({ chart, reason = '' }) => [chart, reason]))
      expect(reasons).toEqual({
        unsigned: 'it is not signed',
        foreign: expect.stringContaining('Could not find signing key'),
        swapped: expect.stringContaining('the archive is sha256:'),
        tampered: expect.stringContaining('Signed digest did not match'),
      })
    } finally {
      await server.close()
      await upstream.close()
      await helm.close()
      await trusted.close()
      await stranger.close()
      await rm(folder, { recursive: true })
    }
  }, 60_000)
})
