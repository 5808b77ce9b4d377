// Values that a chart needs travel with it, so that it is proven where it arrives.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRegistries } from '@chartferry/core/oci'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildChart } from '../kit/charts.ts'
import { type CommandRun, runChartferry } from '../kit/command.ts'
import { layerOf, pushImage } from '../kit/images.ts'
import { startRegistry, type TestRegistry } from '../kit/registry.ts'
import { describeWithTools } from '../kit/tools.ts'

const pod = `apiVersion: v1
kind: Pod
metadata: {name: {{ required "a password is needed" .Values.password }}}
spec: {containers: [{name: main, image: "{{ .Values.image }}"}]}
`

describeWithTools('a bundle of a chart that needs values', ['helm3'], ({ helm3 }) => {
  let folder: string
  let registry: TestRegistry
  const run = (...args: readonly string[]): Promise<CommandRun> =>
    runChartferry(args, { cwd: folder, env: { HOME: folder, HELM_BIN: helm3 } })
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartferry-values-'))
    registry = await startRegistry()
    const registries = openRegistries()
    const place = registries.repository(`${registry.host}/acme/web`)
    await pushImage(place, { layers: [layerOf('web', 3000)], tag: '1' })
    await registries.close()
    const values = `image: ${registry.host}/acme/web:1\n`
    await writeFile(
      join(folder, 'web-1.0.0.tgz'),
      await buildChart({ name: 'web', values, templates: { 'a.yaml': pod } }),
    )
    await writeFile(join(folder, 'secret.yaml'), 'password: hunter2\n')
    await writeFile(join(folder, 'chartferry.yaml'), 'charts: [{chart: web-1.0.0.tgz, values: [secret.yaml]}]\n')
  })
  afterAll(async () => {
    await registry.close()
    await rm(folder, { recursive: true, force: true })
  })

  const pushed = async (file: string): Promise<string> => {
    const { code, stdout, stderr } = await run('bundle', 'push', file, '--to', `${registry.host}/${file.split('.')[0]}`)
    expect(code, stderr).toBe(0)
    return stdout
  }

  it('carries them, says so, and is proven anew', async () => {
    const made = await run('bundle', 'create', 'web-1.0.0.tgz', '-f', 'secret.yaml', '--file', 'values.ferry')
    expect(made.code, made.stderr).toBe(0)
    expect(made.stderr).toContain('secrets among them; --omit-values leaves them out')
    expect((await run('bundle', 'inspect', 'values.ferry')).stdout).toMatch(/proven by helm .*, with values/)
    expect(await pushed('values.ferry')).toMatch(/proven by helm v3/)
  })

  it('carries those of a chartferry.yaml', async () => {
    expect((await run('lock')).code).toBe(0)
    const made = await run('bundle', 'create', '--config', 'chartferry.yaml', '--file', 'declared.ferry')
    expect(made.code, made.stderr).toBe(0)
    expect(await pushed('declared.ferry')).toMatch(/proven by helm v3/)
  })

  it('carries those of relocate --bundle', async () => {
    const args = ['web-1.0.0.tgz', '--set', 'password=hunter2', '--to', `${registry.host}/x`, '--bundle', 'set.ferry']
    const made = await run('relocate', ...args)
    expect(made.code, made.stderr).toBe(0)
    expect(await pushed('set.ferry')).toMatch(/proven by helm v3/)
  })

  it('leaves them at home where that is wanted', async () => {
    const args = ['web-1.0.0.tgz', '--set', 'password=hunter2', '--omit-values', '--file', 'omitted.ferry']
    const made = await run('bundle', 'create', ...args)
    expect(made.code, made.stderr).toBe(0)
    expect(made.stderr).not.toContain('secrets')
    expect((await run('bundle', 'inspect', 'omitted.ferry')).stdout).not.toContain('with values')
    expect(await pushed('omitted.ferry')).toContain('with made-up password=example')
  })
})
