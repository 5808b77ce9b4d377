// `chartferry post-render` behind the real helm: by its path in helm 3, as a plugin in helm 4.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildChart } from '../kit/charts.ts'
import { type Helm, openHelm } from '../kit/helm.ts'
import { describeWithTools } from '../kit/tools.ts'

const root = join(import.meta.dirname, '../..')
const plugin = join(root, 'deploy/helm-post-renderer')
const pod = (name: string, image: string, annotations = ''): string =>
  `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n${annotations}spec:\n  containers:\n  - name: a\n    image: ${image} # here\n    args: [--sidecar-image=quay.io/acme/side:2]\n`

describe.each(['helm3', 'helm4'] as const)('chartferry post-render, behind %s', (name) => {
  describeWithTools('with the real helm', [name], (paths) => {
    let helm: Helm
    let folder: string
    let chart: string
    const renderer = name === 'helm3' ? join(plugin, 'post-render.sh') : 'ferry-images'
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'chartferry-post-'))
      const program = join(folder, 'chartferry')
      const bin = join(root, 'packages/cli/src/bin.ts')
      await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' --conditions=@chartferry/source '${bin}' "$@"\n`)
      await chmod(program, 0o755)
      const rules = join(folder, 'rules.yaml')
      await writeFile(
        rules,
        'rules:\n- {match: bad.io/**, deny: nobody looked at it}\n- {match: ok.io/**, keep: true}\n',
      )
      helm = await openHelm(paths[name] ?? '', {
        CHARTFERRY_BIN: program,
        CHARTFERRY_TO: 'registry.corp/mirror',
        CHARTFERRY_RULES: rules,
      })
      chart = join(helm.folder, 'web.tgz')
      const hook = '  annotations:\n    helm.sh/hook: post-install\n'
      await writeFile(
        chart,
        await buildChart({
          name: 'web',
          values: 'image: nginx:1.25\n',
          templates: { 'a.yaml': pod('a', '{{ .Values.image }}'), 'b.yaml': pod('b', 'ok.io/b:1', hook) },
        }),
      )
      if (name === 'helm4') await helm.must('plugin', 'install', plugin)
    })
    afterAll(async () => {
      await helm.close()
      await rm(folder, { recursive: true, force: true })
    })

    it('renames images and keeps the rest', async () => {
      const stdout = await helm.must('template', 'x', chart, '--post-renderer', renderer)
      expect(stdout).toContain('image: registry.corp/mirror/library/nginx:1.25 # here')
      // Helm 4 writes lists anew with quotes of its own.
      expect(stdout).toMatch(/\['?--sidecar-image=registry\.corp\/mirror\/acme\/side:2'?\]/)
      expect(stdout).toContain('image: ok.io/b:1 # here')
      expect(stdout).toContain('helm.sh/hook: post-install')
      expect(stdout.match(/quay\.io/g) ?? []).toHaveLength(name === 'helm3' ? 1 : 0)
    })

    it('fails on what a rule denies', async () => {
      const { code, stderr } = await helm.run(
        'template',
        'x',
        chart,
        '--set',
        'image=bad.io/x:1',
        '--post-renderer',
        renderer,
      )
      expect(code).not.toBe(0)
      // Helm 4 does not print what a post-renderer says when it fails.
      expect(stderr).toContain(
        name === 'helm3'
          ? 'bad.io/x:1 may not be used: nobody looked at it'
          : 'plugin "ferry-images" exited with error',
      )
    })
  })
})
