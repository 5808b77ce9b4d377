// `helm ferry ...`: the folder that `helm plugin install` takes, with the real helm 3 and 4.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildChart } from '../kit/charts.ts'
import { type Helm, openHelm } from '../kit/helm.ts'
import { describeWithTools } from '../kit/tools.ts'
import { startUpstream } from '../kit/upstream.ts'

const root = join(import.meta.dirname, '../..')

describe.each(['helm3', 'helm4'] as const)('helm ferry, on %s', (name) => {
  describeWithTools('with the real helm', [name], (paths) => {
    let helm: Helm
    let folder: string
    let chart: string
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'chartferry-plugin-'))
      // As if it were installed: the plugin looks for `chartferry` on PATH unless this says where it is.
      const program = join(folder, 'chartferry')
      const bin = join(root, 'packages/cli/src/bin.ts')
      await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' --conditions=@chartferry/source '${bin}' "$@"\n`)
      await chmod(program, 0o755)
      helm = await openHelm(paths[name] ?? '', { CHARTFERRY_BIN: program, CHARTFERRY_TO: 'registry.corp/mirror' })
      chart = join(helm.folder, 'web.tgz')
      const template =
        'apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: {{ .Release.Namespace }}}\nspec: {containers: [{image: "quay.io/acme/web:1"}]}\n'
      await writeFile(chart, await buildChart({ name: 'web', templates: { 'pod.yaml': template } }))
      await helm.must('plugin', 'install', join(root, 'deploy/helm-plugin'))
    })
    afterAll(async () => {
      await helm.close()
      await rm(folder, { recursive: true, force: true })
    })

    it('is listed', async () => {
      expect(await helm.must('plugin', 'list')).toMatch(/^ferry\s+0\.1\.0/m)
    })

    it('takes arguments, and helm’s own flags', async () => {
      expect(await helm.must('ferry', 'images', chart)).toContain('quay.io/acme/web:1')
      const ours = await helm.must('ferry', 'template', 'x', chart, '--namespace', 'other')
      expect(ours).toBe(await helm.must('template', 'x', chart, '--namespace', 'other'))
    })

    it('gets charts relocated on their way, by URLs that begin with ferry', async () => {
      await helm.must('plugin', 'install', join(root, 'deploy/helm-downloader'))
      const upstream = await startUpstream()
      const values = 'image: quay.io/acme/web:1\n'
      const templates = { 'pod.yaml': 'kind: Pod\nspec: {containers: [{image: "{{ .Values.image }}"}]}\n' }
      await upstream.add({ name: 'web', values, templates })
      const url = upstream.url.replace('http://', 'ferry+http://')
      await helm.must('repo', 'add', 'up', url)
      expect(await helm.must('template', 'x', 'up/web')).toContain('image: "registry.corp/mirror/acme/web:1"')
      await helm.must('pull', 'web', '--repo', url, '--destination', helm.folder)
      expect(await helm.must('show', 'values', join(helm.folder, 'web-1.0.0.tgz'))).toContain('registry.corp/mirror')
      const missing = await helm.run('pull', 'nothing', '--repo', url)
      expect(missing.code).not.toBe(0)
      await upstream.close()
    })

    it('fails as chartferry fails', async () => {
      const run = await helm.run('ferry', 'images', '/no/such/chart')
      expect(run.code).toBe(3)
      expect(run.stderr).toContain('FILE_NOT_FOUND')
    })
  })
})
