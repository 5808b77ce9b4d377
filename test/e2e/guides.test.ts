// The guides run as they stand, with registries of this machine in the place of those that they name.
import { spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRegistries } from '@chartferry/core/oci'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildChart } from '../kit/charts.ts'
import { layerOf, pushImage } from '../kit/images.ts'
import { type RealRegistry, startRealRegistry } from '../kit/real-registries.ts'
import { startRegistry, type TestRegistry } from '../kit/registry.ts'
import { describeWithTools } from '../kit/tools.ts'

const root = join(import.meta.dirname, '../..')

describeWithTools('the guides', ['docker-registry', 'kustomize', 'helm3'], (tools) => {
  let folder: string
  let source: TestRegistry
  let target: RealRegistry
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartferry-guides-'))
    source = await startRegistry()
    target = await startRealRegistry({ command: tools['docker-registry'], kind: 'distribution' })
    const registries = openRegistries()
    for (const tag of ['1.0', '1.1'])
      await pushImage(registries.repository(`${source.host}/acme/web`), { tag, layers: [layerOf(tag, 200)] })
    await registries.close()
    const bin = join(folder, 'bin')
    await mkdir(bin)
    const cli = join(root, 'packages/cli/src/bin.ts')
    const shim = `#!/bin/sh\nexec '${process.execPath}' --conditions=@chartferry/source '${cli}' "$@"\n`
    await writeFile(join(bin, 'chartferry'), shim)
    await chmod(join(bin, 'chartferry'), 0o755)
    await symlink(tools.kustomize, join(bin, 'kustomize'))
    await symlink(tools.helm3, join(bin, 'helm'))
  }, 60_000)
  afterAll(async () => {
    await target.close()
    await source.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** Runs every block of shell of a guide in one folder; gives what each printed. */
  async function follow(guide: string): Promise<readonly string[]> {
    const place = await mkdtemp(join(folder, 'run-'))
    for (const [version, tag] of [
      ['1.0.0', '1.0'],
      ['1.1.0', '1.1'],
    ] as const) {
      const values = `image: ${source.host}/acme/web:${tag}\n`
      const web =
        'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {a: b}}\n  template:\n    metadata: {labels: {a: b}}\n    spec: {containers: [{name: a, image: "{{ .Values.image }}"}]}\n'
      const chart = await buildChart({ name: 'web', version, values, templates: { 'web.yaml': web } })
      await writeFile(join(place, `web-${version}.tgz`), chart)
    }
    const text = await readFile(join(root, 'docs/guides', guide), 'utf8')
    const printed: string[] = []
    for (const [, block = ''] of text.matchAll(/```sh\n(.*?)```/gs)) {
      const { code, output, errors } = await shell(block.replaceAll('registry.corp:5000', target.host), place)
      expect(code, `${guide}\n${block}\n${output}\n${errors}`).toBe(0)
      printed.push(output)
    }
    return printed
  }

  function shell(
    script: string,
    cwd: string,
  ): Promise<{ readonly code: number; readonly output: string; readonly errors: string }> {
    const env = { ...process.env, PATH: `${join(folder, 'bin')}:${process.env.PATH}`, NO_COLOR: '1' }
    return new Promise((done) => {
      const child = spawn('/bin/sh', ['-ec', script], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
      let output = ''
      let errors = ''
      child.stdout.on('data', (piece: Buffer) => {
        output += piece.toString()
      })
      child.stderr.on('data', (piece: Buffer) => {
        errors += piece.toString()
      })
      child.on('close', (code) => done({ code: code ?? 1, output, errors }))
    })
  }

  it('kots.md: images come from the private registry, an update keeps the patch, a download restores', async () => {
    const [, built, updated, restored] = await follow('kots.md')
    expect(built).toContain(`image: ${target.host}/shop/web:1.0`)
    expect(built).toContain('replicas: 3')
    expect(updated).toMatch(/web:1\.0 .*dropped/)
    expect(updated).toContain(`image: ${target.host}/shop/web:1.1`)
    expect(updated).toContain('replicas: 3')
    expect(restored).toContain(`image: ${target.host}/shop/web:1.1`)
    expect(restored).toContain('replicas: 3')
  }, 240_000)

  it('without-editing.md: each way names the private registry', async () => {
    const [, byValues, byKustomize, behindHelm, behindOurs, byNodes, doctor] = await follow('without-editing.md')
    for (const text of [byValues, byKustomize, behindHelm, behindOurs]) {
      expect(text).toContain(`${target.host}/mirror/acme/web:1.0`)
      expect(text).not.toContain(source.host)
    }
    expect(byNodes).toContain('kind: DaemonSet')
    expect(doctor).toContain('✔ blobs')
  }, 240_000)
})
