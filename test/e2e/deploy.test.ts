// What stands in deploy/: the image under a real containerd, the chart on real helms, relocated by ourselves.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
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
import { startS3 } from '../kit/s3.ts'
import { ask } from '../kit/server.ts'
import { describeWithTools } from '../kit/tools.ts'

const chart = join(import.meta.dirname, '../../deploy/chart')

/** Everything that the chart can make, three servers on a bucket. */
const everything = [
  '--set',
  [
    'replicas=3,config.s3.bucket=charts,s3.existingSecret=bucket,redis.existingSecret=redis,secretFiles=s',
    'ingress.enabled=true,ingress.tlsSecret=t,httpRoute.enabled=true,httpRoute.parentRefs[0].name=public',
    'networkPolicy.enabled=true,networkPolicy.metricsFrom[0].podSelector.matchLabels.app=prometheus',
    'networkPolicy.egress[0].ports[0].port=443,metrics.serviceMonitor.enabled=true,metrics.serviceMonitor.labels.team=a',
    'extraEnv[0].name=HTTPS_PROXY,extraEnv[0].value=http://proxy.corp',
  ].join(','),
]

/** What the chart refuses, and what it says. */
const refusals: readonly (readonly [values: string, says: RegExp])[] = [
  ['replicas=3', /replicas: 3 servers need one store .* a volume with ReadWriteOnce is for one node\. Name a bucket/],
  ['replicas=2,persistence.enabled=false', /without a volume each would have its own/],
  ['s3.existingSecret=keys', /there is no bucket that its keys are for/],
  ['config.s3.region=x', /name the bucket/],
  ['httpRoute.enabled=true', /name the gateway/],
  ['replicas=two', /\/?replicas.*(integer|number)/],
  ['replica=2', /replica.*not allowed/],
  ['files.chartferry-server\\.yaml=x', /chartferry-server/],
]

describeWithTools('the image', ['containerd', 'ctr', 'versitygw'], (paths) => {
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

        const s3 = await startS3()
        try {
          const { bucket, endpoint, region, credentials } = s3.options
          const onBucket = containerd.run(image, 'bucket', {
            CHARTFERRY_LISTEN: '127.0.0.1:0',
            CHARTFERRY_S3_BUCKET: bucket,
            CHARTFERRY_S3_ENDPOINT: endpoint,
            CHARTFERRY_S3_REGION: region,
            AWS_ACCESS_KEY_ID: credentials.accessKeyId,
            AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
            CHARTFERRY_REPOSITORIES: '{ local: { kind: hosted } }',
          })
          const [, place = ''] = await onBucket.line(/ · (http:\/\/127\.0\.0\.1:\d+) · data in /)
          expect((await ask(place, '/api/local/charts', { method: 'POST', body: bytes })).status).toBe(201)
          await onBucket.signal('SIGTERM')
          expect(await onBucket.ended()).toBe(0)
        } finally {
          await s3.close()
        }
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
      for (const flags of [[], ['--set', 'ingress.enabled=true,persistence.enabled=false'], everything]) {
        const theirs = await helm.must('template', 'x', chart, '--kube-version', '1.31.0', ...flags)
        const version = name === 'helm4' ? ['--helm-version', '4'] : []
        const ours = await runChartferry(['template', 'x', chart, '--kube-version', '1.31.0', ...version, ...flags])
        expect(ours.stdout).toBe(theirs)
      }
    })

    it('refuses in words what would lose charts, and values that it does not know', async () => {
      for (const [values, says] of refusals) {
        const { code, stderr } = await helm.run('template', 'x', chart, '--set', values)
        expect([values, code]).toEqual([values, 1])
        expect(stderr).toMatch(says)
      }
    })

    it('keeps three servers in one bucket, spread and guarded, and no volume', async () => {
      const text = await helm.must('template', 'x', chart, ...everything)
      const kinds = [...text.matchAll(/^kind: (\w+)$/gm)].map((match) => match[1] ?? '').sort()
      expect(kinds).toEqual(
        'ConfigMap Deployment HTTPRoute Ingress NetworkPolicy PodDisruptionBudget Service Service ServiceAccount ServiceMonitor'.split(
          ' ',
        ),
      )
      for (const part of [
        'maxUnavailable: 0 }',
        'key: AWS_SECRET_ACCESS_KEY',
        'name: CHARTFERRY_REDIS_URL',
        'topologyKey: topology.kubernetes.io/zone',
        'policyTypes: [Ingress, Egress]',
      ])
        expect(text).toContain(part)
      const one = await helm.must('template', 'x', chart)
      expect(one).toContain('kind: PersistentVolumeClaim')
      expect(one).not.toMatch(/PodDisruptionBudget|topologySpread/)
    })

    it('mounts rules and values of relocated repositories where the configuration finds them', async () => {
      const values = [
        'files.rules\\.yaml=rules: []',
        'config.repositories.corp.kind=relocated,config.repositories.corp.of=local',
        'config.repositories.corp.to=registry.corp,config.repositories.corp.rules=rules.yaml',
      ].join(',')
      const text = await helm.must(
        'template',
        'x',
        chart,
        '--show-only',
        'templates/configuration.yaml',
        '--set',
        values,
      )
      const { data } = parseYaml(text.replace(/^---\n/, ''), { where: 'ConfigMap' }) as { data: Record<string, string> }
      const folder = await mkdtemp(join(tmpdir(), 'chartferry-mounted-'))
      try {
        for (const [name, content] of Object.entries(data)) await writeFile(join(folder, name), content)
        const file = join(folder, 'chartferry-server.yaml')
        const config = await parseConfig(data['chartferry-server.yaml'] ?? '', { file, environment: {}, overrides: {} })
        expect(config.repositories.get('corp')).toMatchObject({ kind: 'relocated' })
        expect(config.relocation).toMatchObject({ processes: 1 })
      } finally {
        await rm(folder, { recursive: true, force: true })
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
