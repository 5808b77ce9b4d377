// Helm 3 and Helm 4 before a relocated repository: they add it, pull from it in both ways, and render what names the
// target alone; what is signed anew is believed by helm.
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOf } from '@chartferry/core'
import { expect, it } from 'vitest'
import { closesAfterEach } from '../kit/closing.ts'
import { openHelm } from '../kit/helm.ts'
import { startServer, type TestServer } from '../kit/server.ts'
import { createSigningKey } from '../kit/signing-key.ts'
import { describeWithTools } from '../kit/tools.ts'
import { startUpstream } from '../kit/upstream.ts'

const pod =
  'apiVersion: v1\nkind: Pod\nmetadata: {name: "{{ .Release.Name }}"}\nspec: {containers: [{name: a, image: "{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}"}]}\n'
const values = 'image:\n  registry: quay.io\n  repository: acme/web\n  tag: v1\n'

for (const tool of ['helm3', 'helm4'] as const) {
  describeWithTools(`${tool} before a relocated repository`, [tool], (paths) => {
    const closeLater = closesAfterEach()

    async function start(relocation: Readonly<Record<string, unknown>> = {}): Promise<TestServer> {
      const upstream = await startUpstream([
        { name: 'web', values, templates: { 'pod.yaml': pod } },
        { name: 'web', version: '2.0.0', values, templates: { 'pod.yaml': pod } },
      ])
      closeLater(() => upstream.close())
      const server = await startServer({
        repositories: {
          up: upstream.url,
          corp: { kind: 'relocated', of: 'up', to: 'images.corp:8443', images: 'pull-through', ...relocation },
        },
        settings: { images: { registries: { 'quay.io': {} } } },
      })
      closeLater(() => server.close())
      return server
    }

    it('pulls the same archive by the index and by oci, and renders the target alone', async () => {
      const server = await start()
      const helm = await openHelm(paths[tool])
      closeLater(() => helm.close())
      await helm.must('repo', 'add', 'corp', `${server.url}/corp`)
      expect(await helm.must('search', 'repo', 'corp/web', '-l')).toMatch(
        /corp\/web\s+2\.0\.0[\s\S]*corp\/web\s+1\.0\.0/,
      )
      const rendered = await helm.must('template', 'mine', 'corp/web', '--version', '1.0.0')
      expect(rendered.match(/image: .*/g)).toEqual(['image: "images.corp:8443/quay.io/acme/web:v1"}]}'])
      for (const folder of ['by-index', 'by-oci', 'again']) await mkdir(join(helm.folder, folder))
      await helm.must('pull', 'corp/web', '--version', '1.0.0', '-d', 'by-index')
      const oci = `oci://${server.url.slice('http://'.length)}/corp/web`
      await helm.must('pull', oci, '--version', '1.0.0', '--plain-http', '-d', 'by-oci')
      const [one, other] = await Promise.all(
        ['by-index', 'by-oci'].map((folder) => readFile(join(helm.folder, folder, 'web-1.0.0.tgz'))),
      )
      expect(one?.equals(other ?? Buffer.alloc(0))).toBe(true)
      // With the digest that the index has by now, helm compares it.
      await helm.must('repo', 'update')
      await helm.must('pull', 'corp/web', '--version', '1.0.0', '-d', 'again')
      expect((await server.ask('/corp/index.yaml')).body.toString()).toContain(digestOf(one ?? '').slice(7))
    })

    it('verifies what the server has signed anew', async () => {
      const key = await createSigningKey()
      if (key === undefined) {
        if (process.env.CI === 'true') throw new Error('gpg is missing')
        console.warn('SKIPPED: signed charts need gpg')
        return
      }
      closeLater(() => key.close())
      const server = await start({ sign: { keyFile: key.secretKeyring } })
      const helm = await openHelm(paths[tool])
      closeLater(() => helm.close())
      await helm.must('repo', 'add', 'corp', `${server.url}/corp`)
      const ring = ['--keyring', key.publicKeyring]
      await helm.must('pull', 'corp/web', '--version', '1.0.0', '--verify', ...ring)
      const oci = `oci://${server.url.slice('http://'.length)}/corp/web`
      await helm.must('pull', oci, '--version', '2.0.0', '--plain-http', '--verify', ...ring)
      expect((await readdir(helm.folder)).filter((name) => name.endsWith('.tgz')).sort()).toEqual([
        'web-1.0.0.tgz',
        'web-2.0.0.tgz',
      ])
    })
  })
}
