// The example of a pipeline runs as it stands, with `chartferry` on the PATH.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parsePlan } from '@chartferry/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildChart } from '../kit/charts.ts'
import { podOf } from '../kit/shapes.ts'

const root = join(import.meta.dirname, '../..')
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartferry-test-'))
  await mkdir(join(folder, 'charts'))
  const bin = join(root, 'packages/cli/src/bin.ts')
  const command = `#!/bin/sh\nexec "${process.execPath}" --conditions=@chartferry/source "${bin}" "$@"\n`
  await writeFile(join(folder, 'chartferry'), command, { mode: 0o755 })
})

afterEach(() => rm(folder, { recursive: true, force: true }))

async function addChart(name: string, ...images: readonly string[]): Promise<void> {
  const bytes = await buildChart({ name, templates: { 'pod.yaml': podOf(...images) } })
  await writeFile(join(folder, `charts/${name}-1.0.0.tgz`), bytes)
}

function runExample(): Promise<{ readonly code: number; readonly stderr: string }> {
  const script = join(root, 'examples/relocate-with-rules/relocate.sh')
  const env = {
    ...process.env,
    PATH: `${folder}:${process.env.PATH}`,
    HELM_BIN: '',
    XDG_CACHE_HOME: join(folder, 'cache'),
  }
  return new Promise((done) => {
    const args = [script, join(folder, 'charts'), 'registry.corp:5000/mirror', join(folder, 'out')]
    execFile('sh', args, { env }, (error, _, stderr) =>
      done({ code: typeof error?.code === 'number' ? error.code : 0, stderr }),
    )
  })
}

describe('examples/relocate-with-rules', () => {
  it('relocates charts by the rules', async () => {
    await addChart('web', 'quay.io/acme/web:1', 'busybox:1.36', 'ghcr.io/acme/side:2', 'registry.corp/own/app:3')
    await addChart('site', 'quay.io/acme/site:1')
    const { code, stderr } = await runExample()
    expect(code, stderr).toBe(0)
    expect((await readdir(join(folder, 'out'))).sort()).toEqual(['plans', 'site-1.0.0.tgz', 'web-1.0.0.tgz'])
    const plan = parsePlan(await readFile(join(folder, 'out/plans/web-1.0.0.yaml'), 'utf8'), 'plan')
    expect(plan.images.map(({ to }) => to)).toEqual([
      'registry.corp/base/busybox:1.36',
      'registry.corp/github/ghcr.io/acme/side:2',
      'registry.corp:5000/mirror/acme/web:1',
      'registry.corp/own/app:3',
    ])
  })

  it('ends where a rule denies an image', async () => {
    await addChart('data', 'mysql:8')
    expect(await runExample()).toEqual({ code: 7, stderr: expect.stringContaining('use the managed database') })
  })
})
