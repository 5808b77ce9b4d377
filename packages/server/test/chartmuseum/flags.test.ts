import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isChartferryError } from '@chartferry/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startChartMuseum } from '../../../../test/kit/chartmuseum.ts'
import { startS3 } from '../../../../test/kit/s3.ts'
import { describeWithTools } from '../../../../test/kit/tools.ts'
import { chartmuseumConfig } from '../../src/chartmuseum/chartmuseum-config.ts'
import { type Flag, flags } from '../../src/chartmuseum/flags.ts'
import { parseGoDuration, readSettings } from '../../src/chartmuseum/read-settings.ts'
import { serveChartMuseum } from '../../src/serve-chartmuseum.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartferry-flags-'))
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  await writeFile(join(folder, 'auth.pem'), publicKey.export({ type: 'spki', format: 'pem' }))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const messageOf = async (args: readonly string[], environment = {}): Promise<string> => {
  try {
    chartmuseumConfig(await readSettings(args, { environment }))
  } catch (thrown) {
    if (isChartferryError(thrown, 'CONFIG_INVALID')) return thrown.message
    throw thrown
  }
  return 'nothing is wrong'
}

/** Some value that the flag takes, in company of the flags that it cannot be without. */
function flagsWith({ name, kind, fallback }: Flag): readonly string[] {
  const values: Readonly<Record<string, string>> = {
    port: '0',
    storage: 'local',
    'storage-local-rootdir': folder,
    'auth-cert-path': join(folder, 'auth.pem'),
    'auth-actions-search-path': 'access[0].actions',
    'proxy-url': 'http://127.0.0.1:1',
    'chart-url': 'https://charts.test',
    'listen-host': '127.0.0.1',
  }
  const value =
    values[name] ?? { text: 'some', count: '7', flag: String(fallback !== true), duration: '3m', pairs: 'a' }[kind]
  const company: Readonly<Record<string, readonly string[]>> = {
    storage: [`--storage-local-rootdir=${folder}`],
    'basic-auth-user': ['--basic-auth-pass=p'],
    'basic-auth-pass': ['--basic-auth-user=u'],
    'bearer-auth': [`--auth-cert-path=${join(folder, 'auth.pem')}`],
    'proxy-cache': ['--proxy-url=http://127.0.0.1:1'],
  }
  return [`--${name}=${value}`, ...(company[name] ?? [])]
}

/** They need more than a flag: files of certificates, a bucket, an end of the process. */
const apart = ['tls-cert', 'tls-key', 'gen-index']

describe('ChartMuseum’s flags', () => {
  const taken = flags.filter(({ name, effect }) => effect !== 'refused' && !apart.includes(name))

  it.each(taken.map((flag) => [flag.name, flag] as const))('starts with --%s', async (_name, flag) => {
    const chartmuseum = await startChartMuseum(['--listen-host=127.0.0.1', ...flagsWith(flag)])
    const { status } = await chartmuseum.ask(flag.name === 'context-path' ? '/some/health' : '/health')
    expect(status).toBe(200)
    const said = chartmuseum.log.some(({ msg }) => String(msg).startsWith(`--${flag.name} has no effect: `))
    expect(said).toBe(flag.effect === 'no effect')
    await chartmuseum.close()
  })

  const refused = flags.filter(({ effect }) => effect === 'refused')
  it.each(refused.map((flag) => [flag.name, flag] as const))('refuses --%s and says why', async (name, flag) => {
    expect(await messageOf([...flagsWith(flag), '--storage=local', '--storage-local-rootdir=x'])).toBe(
      `--${name}: is not supported: ${flag.note}`,
    )
  })

  it('prints the index and ends with --gen-index', async () => {
    const { index, url } = await serveChartMuseum({
      args: ['--storage=local', `--storage-local-rootdir=${folder}`, '--gen-index'],
      environment: {},
    })
    expect([index, url]).toEqual([expect.stringMatching(/^apiVersion: "v1"\n[\s\S]*entries: \{\}\n$/), undefined])
  })

  it('are read with one dash or two, with = or without, and in the environment and a file below them', async () => {
    const file = join(folder, 'config.yaml')
    await writeFile(
      file,
      'port: 1\ndepth: 1\nDebug: true\nstorage:\n  backend: local\n  local: {rootdir: /from/file}\nartifact-hub-repo-id: {org/a: one}\n',
    )
    const settings = await readSettings(['-c', file, '-port', '3', '--debug=false', '--json-index'], {
      environment: { PORT: '2', DEPTH: '2', CORS_ALLOW_ORIGIN: '*', CHART_URL: '' },
    })
    expect(chartmuseumConfig(settings)).toMatchObject({
      port: 3,
      depth: 2,
      debug: false,
      jsonIndex: true,
      corsOrigin: '*',
      chartUrl: undefined,
      storage: { kind: 'local', folder: '/from/file' },
      artifactHubIds: new Map([['org/a', 'one']]),
    })
  })

  it('are refused together when they make no sense, with every fault', async () => {
    expect(await messageOf(['--nonsense', '--port=x', '--debug=maybe', '--cache-interval=5', '--depth'])).toBe(
      [
        'there is no flag "--nonsense"',
        '--depth: needs a value',
        '--debug: "maybe" is neither true nor false',
        '--port: "x" is no whole number',
        '--cache-interval: "5" is no duration: write it as 30s, 5m or 1h',
      ].join('\n'),
    )
    expect(await messageOf([])).toBe('--storage: "" is not supported; give local or amazon')
    expect(await messageOf(['--storage=google'])).toBe('--storage: "google" is not supported; give local or amazon')
    expect(
      await messageOf([
        '--storage=amazon',
        '--basic-auth-user=a',
        '--tls-cert=x',
        '--proxy-cache',
        '--depth=1',
        '--port=70000',
      ]),
    ).toBe(
      [
        '--port: must be below 65536',
        '--proxy-url is missing: --proxy-cache needs it',
        '--proxy-cache: works with --depth=0 alone',
        '--storage-amazon-bucket is missing: --storage=amazon needs it',
        '--basic-auth-user and --basic-auth-pass belong together',
        '--tls-cert and --tls-key belong together',
      ].join('\n'),
    )
    expect(await messageOf(['--config=/nowhere.yaml'])).toMatch(/^--config: ENOENT/)
  })

  it.each([
    ['1h30m', 5_400_000],
    ['1.5s', 1500],
    ['0', 0],
    ['250ms', 250],
    ['', undefined],
    ['5', undefined],
    ['-5s', undefined],
  ])('reads the duration %j as Go does', (text, milliseconds) => {
    expect(parseGoDuration(text)).toBe(milliseconds)
  })
})

describeWithTools('--storage=amazon', ['versitygw'], () => {
  it('serves from a bucket, below a prefix', async () => {
    const s3 = await startS3()
    const { bucket, endpoint, region, credentials } = s3.options
    const before = { ...process.env }
    process.env.AWS_ACCESS_KEY_ID = credentials.accessKeyId
    process.env.AWS_SECRET_ACCESS_KEY = credentials.secretAccessKey
    const chartmuseum = await startChartMuseum(
      ['--storage=amazon', '--storage-amazon-prefix=a/b', '--enable-metrics'],
      {
        environment: {
          STORAGE_AMAZON_BUCKET: bucket,
          STORAGE_AMAZON_ENDPOINT: endpoint,
          STORAGE_AMAZON_REGION: region,
        },
      },
    )
    const { buildChart } = await import('../../../../test/kit/charts.ts')
    expect((await chartmuseum.push(await buildChart({ name: 'web' }))).status).toBe(201)
    expect((await chartmuseum.ask('/charts/web-1.0.0.tgz')).status).toBe(200)
    await chartmuseum.close()
    await s3.close()
    process.env = before
  })
})
