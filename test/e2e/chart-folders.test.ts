// Folders of charts in, a chart repository out, each chart signed anew; as a person types it, with helm as the judge.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseIndexFile } from '@chartferry/core/helm'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { buildChart, type ChartSpec } from '../kit/charts.ts'
import { type CommandRun, runChartferry } from '../kit/command.ts'
import { openHelm } from '../kit/helm.ts'
import { createSigningKey } from '../kit/signing-key.ts'
import { describeWithTools } from '../kit/tools.ts'

const chartOf = (name: string, version: string): ChartSpec => ({
  name,
  version,
  metadata: `description: "with: colons, and # signs"\nkeywords: [a, "1.0"]\nappVersion: "1.10"\n`,
  values: `image: quay.io/acme/${name}:${version}\n`,
  templates: {
    'pod.yaml': `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {containers: [{name: a, image: "{{ .Values.image }}"}]}\n`,
  },
})
const to = ['--to', 'reg.corp:5000/m']

describeWithTools('a folder of charts', ['helm3', 'helm4'], (helms) => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartferry-test-'))
    await mkdir(join(folder, 'in'))
    for (const version of ['1.0.0', '1.10.0', '1.9.0'])
      await writeFile(join(folder, `in/web-${version}.tgz`), await buildChart(chartOf('web', version)))
    await mkdir(join(folder, 'in/side'))
    await writeFile(join(folder, 'in/side/Chart.yaml'), 'apiVersion: v2\nname: side\nversion: 0.1.0\n')
    await writeFile(join(folder, 'in/notes.txt'), 'no chart')
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))
  const run = (...args: readonly string[]): Promise<CommandRun> =>
    runChartferry(args, { cwd: folder, env: { HELM_BIN: helms.helm3 } })

  it('becomes a chart repository that helm pulls from', async () => {
    const { code, stderr } = await run('relocate', 'in', ...to, '-d', 'out', '--index')
    expect(code, stderr).toBe(0)
    const server = createServer((request, response) => {
      readFile(join(folder, 'out', request.url ?? '')).then(
        (bytes) => response.end(bytes),
        () => response.writeHead(404).end(),
      )
    }).listen(0, '127.0.0.1')
    await new Promise((done) => server.once('listening', done))
    const helm = await openHelm(helms.helm3)
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      await helm.must('repo', 'add', 'out', url)
      const values = await helm.must('show', 'values', 'out/web')
      expect(values.trimEnd()).toBe('image: reg.corp:5000/m/acme/web:1.10.0')
      const found = JSON.parse(await helm.must('search', 'repo', 'out/', '--versions', '-o', 'json'))
      expect(found.map(({ name, version }: { name: string; version: string }) => `${name} ${version}`)).toEqual([
        'out/side 0.1.0',
        'out/web 1.10.0',
        'out/web 1.9.0',
        'out/web 1.0.0',
      ])
    } finally {
      server.close()
      await helm.close()
    }
  })

  it('keeps what the repository has, and the time of what did not change', async () => {
    await run('relocate', 'in/web-1.0.0.tgz', ...to, '-d', 'out', '--index')
    const before = parseIndexFile(await readFile(join(folder, 'out/index.yaml')))
    await run('relocate', 'in/web-1.0.0.tgz', 'in/web-1.9.0.tgz', ...to, '-d', 'out', '--index')
    const after = parseIndexFile(await readFile(join(folder, 'out/index.yaml')))
    expect(after.entries.get('web')?.map(({ version }) => version)).toEqual(['1.9.0', '1.0.0'])
    expect(after.entries.get('web')?.[1]).toEqual(before.entries.get('web')?.[0])
  })

  it('is refused where the index has no folder to be in', async () => {
    const { code, stderr } = await run('relocate', 'in/web-1.0.0.tgz', ...to, '--save-plan', 'p.json', '--index')
    expect([code, stderr]).toEqual([2, expect.stringContaining('--index needs a folder')])
  })

  it('is signed so that helm verifies it', async () => {
    const key = await createSigningKey()
    if (key === undefined) throw new Error('needs gpg')
    try {
      const { code, stderr } = await run(
        'relocate',
        'in/web-1.0.0.tgz',
        ...to,
        '-d',
        'out',
        '--sign',
        key.secretKeyring,
      )
      expect(code, stderr).toBe(0)
      for (const binary of [helms.helm3, helms.helm4]) {
        const helm = await openHelm(binary)
        const verified = await helm.run('verify', join(folder, 'out/web-1.0.0.tgz'), '--keyring', key.publicKeyring)
        await helm.close()
        expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining(`Signed by: ${key.name}`) })
      }
    } finally {
      await key.close()
    }
  })

  it('is refused with a key that is none, and nothing is written', async () => {
    await writeFile(join(folder, 'key.gpg'), 'no key')
    const { code, stderr } = await run('relocate', 'in/web-1.0.0.tgz', ...to, '-d', 'out', '--sign', 'key.gpg')
    expect([code, stderr]).toEqual([2, expect.stringContaining('KEY_INVALID')])
    await expect(readFile(join(folder, 'out/web-1.0.0.tgz'))).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
