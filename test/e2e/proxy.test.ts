// Helm 3 and Helm 4 before the proxy: everything works through it, goes on when the upstream is gone, and nothing bad is believed.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { buildChart } from '../kit/charts.ts'
import { type Helm, openHelm } from '../kit/helm.ts'
import { startServer, type TestServer } from '../kit/server.ts'
import { createSigningKey, type SigningKey } from '../kit/signing-key.ts'
import { describeWithTools } from '../kit/tools.ts'
import { startUpstream, type TestUpstream } from '../kit/upstream.ts'

const configMap =
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "{{ .Release.Name }}"}\ndata: {a: "{{ .Values.a }}"}\n'

for (const tool of ['helm3', 'helm4'] as const) {
  describeWithTools(`${tool} before the proxy`, [tool], (paths) => {
    let upstream: TestUpstream
    let server: TestServer
    let helm: Helm
    let key: SigningKey | undefined
    let signed: { readonly bytes: Buffer; readonly provenance: Buffer } | undefined

    beforeAll(async () => {
      key = await createSigningKey()
      if (key === undefined) {
        if (process.env.CI === 'true') throw new Error('gpg is missing')
        console.warn('SKIPPED: signed charts need gpg')
        return
      }
      signed = await signChart(paths[tool], key)
    })
    afterAll(async () => {
      await key?.close()
    })

    beforeEach(async () => {
      upstream = await startUpstream()
      await upstream.add({ name: 'web', values: 'a: one\n', templates: { 'map.yaml': configMap } })
      await upstream.add({ name: 'web', version: '1.1.0-rc.1' })
      await upstream.add({
        name: 'web',
        version: '0.9.0+build.1',
        values: 'a: plus\n',
        templates: { 'map.yaml': configMap },
      })
      await upstream.add({ name: 'odd' }, { path: 'download/odd-v1.tgz' })
      if (signed !== undefined) await upstream.add({ name: 'signed' }, signed)
      server = await startServer({ repositories: { up: upstream.url } })
      helm = await openHelm(paths[tool])
      await helm.must('repo', 'add', 'up', `${server.url}/up`)
    })
    afterEach(async () => {
      await helm.close()
      await server.close()
      await upstream.close()
    })

    /** Pulls into a new folder; gives the files by name. */
    async function pull(...args: readonly string[]): Promise<Map<string, Buffer>> {
      const folder = join(helm.folder, `pulled-${Math.random().toString(36).slice(2)}`)
      await mkdir(folder)
      await helm.must('pull', ...args, '-d', folder)
      const names = await readdir(folder)
      return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)))
    }

    /** All that a client does, with what must come of it. Helm 4 keeps archives itself, so each time its home is new. */
    async function everything(url = server.url): Promise<void> {
      await helm.close()
      helm = await openHelm(paths[tool])
      await helm.must('repo', 'add', 'up', `${url}/up`)
      await helm.must('repo', 'update')
      const found = JSON.parse(await helm.must('search', 'repo', '-l', '--devel', '-o', 'json')) as {
        name: string
        version: string
      }[]
      expect(
        found.map(({ name, version }) => `${name} ${version}`).filter((line) => !line.startsWith('up/signed')),
      ).toEqual(['up/odd 1.0.0', 'up/web 1.1.0-rc.1', 'up/web 1.0.0', 'up/web 0.9.0+build.1'])
      for (const [version, name] of [
        ['1.0.0', 'web-1.0.0.tgz'],
        ['0.9.0+build.1', 'web-0.9.0+build.1.tgz'],
        ['>0.0.0-0', 'web-1.1.0-rc.1.tgz'],
      ] as const) {
        const pulled = await pull('up/web', '--version', version)
        expect([...pulled.keys()]).toEqual([name])
        expect(pulled.get(name)?.equals(upstream.files.get(`charts/${name}`) ?? Buffer.alloc(0))).toBe(true)
      }
      await helm.must('repo', 'add', 'few', `${url}/up/only/odd,web`)
      expect([...(await pull('few/web', '--version', '1.0.0')).keys()]).toEqual(['web-1.0.0.tgz'])
      await helm.must('repo', 'remove', 'few')
      const odd = await pull('up/odd')
      expect([...odd.keys()]).toEqual(['odd-v1.tgz'])
      expect(await helm.must('template', 'release', 'up/web')).toContain('data: {a: "one"}')
      expect(await helm.must('template', 'release', 'web', '--repo', `${url}/up`, '--version', '0.9')).toContain(
        'data: {a: "plus"}',
      )
      if (signed !== undefined && key !== undefined) {
        const pulled = await pull('up/signed', '--verify', '--keyring', key.publicKeyring)
        expect([...pulled.keys()].sort()).toEqual(['signed-1.0.0.tgz', 'signed-1.0.0.tgz.prov'])
        expect(pulled.get('signed-1.0.0.tgz')?.equals(signed.bytes)).toBe(true)
        expect(pulled.get('signed-1.0.0.tgz.prov')?.equals(signed.provenance)).toBe(true)
      }
    }

    it('works as before the upstream, and goes on without it, also after a restart', { timeout: 120_000 }, async () => {
      await everything()
      await upstream.stop()
      await everything()
      const data = server.data
      const later = await startServer({ repositories: { up: upstream.url }, data })
      await everything(later.url)
      await later.close()
    })

    it('gives no bytes that are not those of the index, and keeps none', async () => {
      upstream.corrupt('charts/web-1.0.0.tgz')
      const { code, stderr } = await helm.run('pull', 'up/web', '--version', '1.0.0')
      expect(code).not.toBe(0)
      expect(stderr).toContain('502')
      expect((await server.files()).filter((file) => file.startsWith('pulled/'))).toEqual([])
      upstream.corrupt('charts/web-1.0.0.tgz')
      expect([...(await pull('up/web', '--version', '1.0.0')).keys()]).toEqual(['web-1.0.0.tgz'])
    })

    it('serves what was pushed', async () => {
      const hosting = await startServer()
      const bytes = await buildChart({
        name: 'mine',
        version: '1.0.0+b',
        values: 'a: mine\n',
        templates: { 'map.yaml': configMap },
      })
      expect((await hosting.ask('/api/local/charts', { method: 'POST', body: bytes })).status).toBe(201)
      if (signed !== undefined) {
        expect((await hosting.ask('/api/local/charts', { method: 'POST', body: signed.bytes })).status).toBe(201)
        expect((await hosting.ask('/api/local/prov', { method: 'POST', body: signed.provenance })).status).toBe(201)
      }
      await helm.must('repo', 'add', 'local', `${hosting.url}/local`)
      expect((await pull('local/mine')).get('mine-1.0.0+b.tgz')?.equals(bytes)).toBe(true)
      expect(await helm.must('template', 'release', 'local/mine')).toContain('data: {a: "mine"}')
      if (key !== undefined)
        expect((await pull('local/signed', '--verify', '--keyring', key.publicKeyring)).size).toBe(2)
      await hosting.close()
    })
  })
}

/** Packages and signs a chart as a person does it. */
async function signChart(
  path: string,
  key: SigningKey,
): Promise<{ readonly bytes: Buffer; readonly provenance: Buffer }> {
  const helm = await openHelm(path)
  await mkdir(join(helm.folder, 'signed'))
  await writeFile(join(helm.folder, 'signed', 'Chart.yaml'), 'apiVersion: v2\nname: signed\nversion: 1.0.0\n')
  await helm.must('package', 'signed', '--sign', '--key', key.name, '--keyring', key.secretKeyring)
  const bytes = await readFile(join(helm.folder, 'signed-1.0.0.tgz'))
  const provenance = await readFile(join(helm.folder, 'signed-1.0.0.tgz.prov'))
  await helm.close()
  return { bytes, provenance }
}
