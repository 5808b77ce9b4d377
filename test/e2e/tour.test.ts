// The README's tour, line by line, against a running server and real helm; and the library's example.
import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { readChartArchive } from '@chartferry/core'
import { loadConfig, type RunningServer, serve } from '@chartferry/server'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildChart } from '../kit/charts.ts'
import { describeWithTools } from '../kit/tools.ts'

const root = join(import.meta.dirname, '../..')
const run = promisify(execFile)

describeWithTools('the README', ['helm3'], ({ helm3 }) => {
  let folder: string
  let server: RunningServer
  let env: NodeJS.ProcessEnv

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartferry-tour-'))
    const bin = join(folder, 'bin')
    await mkdir(bin)
    const source = join(root, 'packages/cli/src/bin.ts')
    await writeFile(
      join(bin, 'chartferry'),
      `#!/bin/sh\nexec "${process.execPath}" --conditions=@chartferry/source "${source}" "$@"\n`,
    )
    await chmod(join(bin, 'chartferry'), 0o755)
    env = {
      ...process.env,
      PATH: [bin, dirname(helm3), process.env.PATH].join(delimiter),
      HELM_CONFIG_HOME: join(folder, 'config'),
      HELM_CACHE_HOME: join(folder, 'cache'),
      HELM_DATA_HOME: join(folder, 'data'),
    }
    const config = await loadConfig({
      environment: {},
      overrides: { listen: '127.0.0.1:0', data: join(folder, 'store') },
    })
    server = await serve({ config, logTo: { write: () => {} }, environment: {} })
  })

  afterAll(async () => {
    await server?.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('has a tour that works as it stands', async () => {
    const readme = await readFile(join(root, 'README.md'), 'utf8')
    const blocks = [...readme.matchAll(/```sh tour\n([\s\S]*?)```/g)].map((match) => match[1] ?? '')
    const script = ['set -ex', ...blocks].join('\n').replaceAll('http://127.0.0.1:8080', server.url)
    const { stdout } = await run('sh', ['-c', script], { cwd: folder, env })
    expect(stdout).toContain('mine/web')
    expect(stdout).toMatch(/nginx:[\d.]+ +values\.yaml:\d+ image +always/)
    expect(stdout).toMatch(/image\.repository +nginx +→ +registry\.corp:5000\/mirror\/library\/nginx/)
    expect(stdout).toMatch(/busybox +→ +registry\.corp:5000\/mirror\/library\/busybox/)
    expect(stdout).toContain('proven by helm')
    expect(stdout).toMatch(/image: "registry\.corp:5000\/mirror\/library\/nginx:[\d.]+"/)
  })

  it('has an example of the library that works', async () => {
    const values = 'image: {registry: quay.io, repository: acme/web, tag: "1"}\n'
    const pod =
      'kind: Pod\nspec: {containers: [{image: "{{ .Values.image.registry }}/{{ .Values.image.repository }}:1"}]}\n'
    const [from, out] = [join(folder, 'web-1.0.0.tgz'), join(folder, 'relocated.tgz')]
    await writeFile(from, await buildChart({ name: 'web', values, templates: { 'pod.yaml': pod } }))
    const program = join(root, 'examples/library-use/relocate.ts')
    const { stdout } = await run(
      process.execPath,
      ['--conditions=@chartferry/source', program, from, 'reg.corp:5000/m', out],
      { env },
    )
    expect(stdout).toBe('quay.io/acme/web:1 -> reg.corp:5000/m/acme/web:1\nproven\n')
    const { chart } = await readChartArchive(await readFile(out))
    expect(Buffer.from(chart.files.get('values.yaml') ?? []).toString()).toContain('registry: reg.corp:5000/m,')
  })
})
