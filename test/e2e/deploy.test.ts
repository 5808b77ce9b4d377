// What stands in deploy/: the image under a real containerd, the chart on real helms, relocated by ourselves.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseYaml } from '@chartferry/core/helm'
import { parseConfig } from '@chartferry/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildImage } from '../../deploy/image/build-image.ts'
import { buildChart } from '../kit/charts.ts'
import { runChartferry } from '../kit/command.ts'
import { openContainerd } from '../kit/containerd.ts'
import { type Helm, openHelm } from '../kit/helm.ts'
import { ask } from '../kit/server.ts'
import { describeWithTools } from '../kit/tools.ts'

const chart = join(import.meta.dirname, '../../deploy/chart')

describeWithTools('the image', ['containerd', 'ctr'], (paths) => {
  it.skipIf(process.getuid?.() !== 0 && process.env.CI !== 'true')(
    'is built without a daemon, the same bytes each time, and serves under containerd',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'chartferry-image-'))
      const containerd = await openContainerd(paths)
      try {
        const [one, two] = [join(folder, 'one'), join(folder, 'two')]
        const manifest = await buildImage({ layout: one, tag: 'test' })
        expect((await buildImage({ layout: two, tag: 'test' })).digest).toBe(manifest.digest)
        const image = await containerd.import(one, 'chartferry.test/chartferry')
        expect(image).toBe('chartferry.test/chartferry:test')
        const container = containerd.run(image, 'serve', {
          CHARTFERRY_LISTEN: '127.0.0.1:0',
          CHARTFERRY_REPOSITORIES: '{ local: { kind: hosted } }',
        })
        const [, url = ''] = await container.line(/ · (http:\/\/127\.0\.0\.1:\d+) · data in \/var\/lib\/chartferry/)
        expect((await ask(url, '/readyz')).status).toBe(200)
        const bytes = await buildChart({ name: 'web' })
        expect((await ask(url, '/api/local/charts', { method: 'POST', body: bytes })).status).toBe(201)
        expect((await ask(url, '/local/charts/web-1.0.0.tgz')).body.equals(bytes)).toBe(true)
        await container.signal('SIGHUP')
        await container.line(/the configuration was read again/)
        await container.signal('SIGTERM')
        expect(await container.ended()).toBe(0)
      } finally {
        await containerd.close()
        await rm(folder, { recursive: true, force: true })
      }
    },
    180_000,
  )
})

describe.each(['helm3', 'helm4'] as const)('the chart, on %s', (name) => {
  describeWithTools('with the real helm', [name], (paths) => {
    let helm: Helm
    beforeAll(async () => {
      helm = await openHelm(paths[name] ?? '')
    })
    afterAll(() => helm.close())

    it('is linted', async () => {
      expect(await helm.must('lint', '--strict', chart)).toContain('0 chart(s) failed')
    })

    it('renders as our engine renders it', async () => {
      for (const flags of [[], ['--set', 'ingress.enabled=true,secretFiles=s,persistence.enabled=false,replicas=3']]) {
        const theirs = await helm.must('template', 'x', chart, '--kube-version', '1.31.0', ...flags)
        const version = name === 'helm4' ? ['--helm-version', '4'] : []
        const ours = await runChartferry(['template', 'x', chart, '--kube-version', '1.31.0', ...version, ...flags])
        expect(ours.stdout).toBe(theirs)
      }
    })

    it('writes a configuration that the server takes', async () => {
      const values =
        '--set-json=config={"auth":{"users":{"alice":{"password":"x"}}},"listen":":1","rateLimit":{"requests":9}}'
      const text = await helm.must('template', 'x', chart, '--show-only', 'templates/configuration.yaml', values)
      const { data } = parseYaml(text.replace(/^---\n/, ''), { where: 'ConfigMap' }) as { data: Record<string, string> }
      const config = await parseConfig(data['chartferry-server.yaml'] ?? '', {
        file: 'x.yaml',
        environment: {},
        overrides: {},
      })
      expect(config).toMatchObject({
        port: 8080,
        adminListen: { port: 9090 },
        data: '/var/lib/chartferry',
        drainFor: 5000,
      })
      expect([...config.repositories.keys()]).toEqual(['local', 'prometheus-community'])
    })
  })
})

describe('the chart', () => {
  it('is relocated by ourselves, and proven', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chartferry-chart-'))
    const run = await runChartferry(['relocate', chart, '--to', 'registry.corp/mirror', '-d', folder, '--json'])
    expect(run.stderr + run.stdout).toContain('registry.corp/mirror/chartferry/chartferry:0.1.0')
    expect(run.code).toBe(0)
    await rm(folder, { recursive: true, force: true })
  })

  it('has the version of the program', async () => {
    const text = await readFile(join(chart, 'Chart.yaml'), 'utf8')
    const program = JSON.parse(await readFile(join(chart, '../../packages/cli/package.json'), 'utf8')) as {
      version: string
    }
    expect(text).toContain(`appVersion: ${program.version}\n`)
  })
})
