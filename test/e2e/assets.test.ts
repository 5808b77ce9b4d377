// Files and images as kOps' users know them: `chartferry assets` into folders, a registry and a real S3 service.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRegistries } from '@chartferry/core/oci'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { digestHex, digestOf } from '../../packages/core/src/digest.ts'
import { parseYaml } from '../../packages/core/src/helm/yaml/parse.ts'
import { buildChart } from '../kit/charts.ts'
import { type CommandRun, runChartferry } from '../kit/command.ts'
import { layerOf, pushImage } from '../kit/images.ts'
import { startRegistry, type TestRegistry } from '../kit/registry.ts'
import { startS3, type TestS3 } from '../kit/s3.ts'
import { describeWithTools } from '../kit/tools.ts'
import { startUpstream, type TestUpstream } from '../kit/upstream.ts'

const release = 'release/v1.30.0/bin/linux/amd64'
const kubectl = Buffer.alloc(200_000, 'kubectl')
const kubelet = Buffer.alloc(300_000, 'kubelet')
const sha = (bytes: Uint8Array): string => digestHex(digestOf(bytes))

let folder: string
let registry: TestRegistry
let upstream: TestUpstream
let image: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartferry-assets-'))
  registry = await startRegistry()
  upstream = await startUpstream()
  upstream.files.set(`${release}/kubectl`, kubectl)
  upstream.files.set(`${release}/kubectl.sha256`, Buffer.from(sha(kubectl)))
  upstream.files.set(`${release}/kubelet`, kubelet)
  const client = openRegistries()
  image = `${registry.host}/acme/web:1`
  await pushImage(client.repository(`${registry.host}/acme/web`), { layers: [layerOf('web', 1000)], tag: '1' })
  await client.close()
  const templates = {
    'pod.yaml': `apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: ${image}}]}\n`,
  }
  await writeFile(join(folder, 'web-1.0.0.tgz'), await buildChart({ name: 'web', templates }))
  await writeFile(
    join(folder, 'files.txt'),
    `# of a release\n${upstream.url}/${release}/kubectl\n${upstream.url}/${release}/kubelet  ${sha(kubelet)}\n`,
  )
}, 60_000)
afterAll(async () => {
  await upstream.close()
  await registry.close()
  await rm(folder, { recursive: true, force: true })
})

const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CommandRun> =>
  runChartferry(['assets', ...args], { cwd: folder, env: { XDG_CACHE_HOME: join(folder, 'cache'), ...env } })

/** The list that is documented: https://kops.sigs.k8s.io/operations/asset-repository/ */
function expected(repository: string, target?: string) {
  return {
    images: [{ canonical: image, download: target === undefined ? image : `${target}/acme/web:1` }],
    files: [
      {
        canonical: `${upstream.url}/${release}/kubectl`,
        download: `${repository}/${release}/kubectl`,
        sha: sha(kubectl),
      },
      {
        canonical: `${upstream.url}/${release}/kubelet`,
        download: `${repository}/${release}/kubelet`,
        sha: sha(kubelet),
      },
    ],
  }
}

describe('chartferry assets list', () => {
  const args = [
    'list',
    'web-1.0.0.tgz',
    '--files',
    'files.txt',
    '--file-repository',
    'https://s3.eu-west-1.amazonaws.com/b/p',
  ]
  const list = () => expected('https://s3.eu-west-1.amazonaws.com/b/p', 'reg.corp/m')

  it('gives one document as JSON and as YAML', async () => {
    for (const output of [['-o', 'json'], ['--json'], ['-o', 'yaml']]) {
      const { stdout, stderr, code } = await run([...args, '--to', 'reg.corp/m', ...output])
      expect(stderr).toBe('')
      expect(code).toBe(0)
      expect(parseYaml(stdout)).toEqual(list())
    }
  })

  it('gives the tables', async () => {
    const { stdout } = await run([...args, '--to', 'reg.corp/m'])
    const rows = stdout.split('\n').map((line) => line.split(/ +/))
    const { images, files } = list()
    expect(rows).toEqual([
      [''],
      ['CANONICAL', 'DOWNLOAD'],
      ...images.map((row) => Object.values(row)),
      [''],
      ['CANONICAL', 'DOWNLOAD', 'SHA'],
      ...files.map((row) => Object.values(row)),
      [''],
    ])
  })

  it('leaves names as they are where nothing says where to', async () => {
    const { stdout } = await run(['list', '--image', image, '--files', 'files.txt', '--json'])
    expect(JSON.parse(stdout)).toEqual(expected(upstream.url))
  })

  it('says what is missing, and where a list is wrong', async () => {
    expect((await run(['list'])).stderr).toContain('no charts, images or files are named')
    await writeFile(join(folder, 'wrong.txt'), `\n${upstream.url}/x sha256:12\n`)
    const wrong = await run(['list', '--files', 'wrong.txt'])
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toContain('wrong.txt:2: ')
    const missing = await run(['list', '--url', `${upstream.url}/none`])
    expect(missing.code).toBe(3)
    expect(missing.stderr).toContain('CHECKSUM_NOT_FOUND')
  })
})

describe('chartferry assets copy', () => {
  it('copies images and files, and then prints the list; a second time nothing is fetched', async () => {
    const target = `${registry.host}/mirror`
    const args = ['copy', 'web-1.0.0.tgz', '--files', 'files.txt', '--to', target, '--file-repository', 'srv', '--json']
    const dry = await run([...args, '--dry-run'])
    expect(JSON.parse(dry.stdout)).toEqual(expected(join(folder, 'srv'), target))
    expect(registry.repositories.has('mirror/acme/web')).toBe(false)
    const first = await run(args)
    expect(first.code, first.stderr).toBe(0)
    expect(JSON.parse(first.stdout)).toEqual(expected(join(folder, 'srv'), target))
    expect(first.stderr).toContain('2 files · 500 kB written')
    expect(registry.repositories.get('mirror/acme/web')?.tags.has('1')).toBe(true)
    expect((await readFile(join(folder, 'srv', release, 'kubelet'))).equals(kubelet)).toBe(true)
    expect(await readFile(join(folder, 'srv', release, 'kubectl.sha256'), 'utf8')).toBe(`${sha(kubectl)}  kubectl\n`)
    upstream.forget()
    const second = await run(args)
    expect(second.stderr).toContain('2 files · 2 were there · 0 B written')
    expect(upstream.count(`${release}/kubectl`) + upstream.count(`${release}/kubelet`)).toBe(0)
  }, 30_000)

  it('refuses two files with one name, a place that cannot be written to, and nothing to do', async () => {
    const copy = (...args: string[]): Promise<CommandRun> => run(['copy', ...args])
    const other = await startUpstream()
    const twice = await copy(
      '--url',
      `${upstream.url}/${release}/kubectl`,
      '--url',
      `${other.url}/${release}/kubectl@sha256:${sha(kubelet)}`,
      '--file-repository',
      'out',
    )
    await other.close()
    expect(twice.code).toBe(7)
    expect(twice.stderr).toContain('TARGET_COLLISION')
    expect((await copy('--files', 'files.txt', '--file-repository', 'https://files.example/kops')).code).toBe(2)
    expect((await copy('--files', 'files.txt')).stderr).toContain('nothing says where the images and files go')
  }, 30_000)
})

describeWithTools('chartferry assets copy into a bucket', ['versitygw'], () => {
  let s3: TestS3
  let env: Readonly<Record<string, string>>
  beforeAll(async () => {
    s3 = await startS3()
    const { accessKeyId, secretAccessKey } = s3.options.credentials
    env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_REGION: 'us-east-1' }
  }, 60_000)
  afterAll(() => s3.close())

  it('names what cannot be read without credentials, and is content once it can', async () => {
    const repository = `${s3.options.endpoint}/charts/kops`
    const args = ['copy', '--files', 'files.txt', '--file-repository', repository, '--s3-endpoint', s3.options.endpoint]
    const before = await run(args, env)
    expect(before.code).toBe(5)
    expect(before.stderr).toContain('2 of 2 files were not copied')
    expect(before.stderr).toContain(
      `${repository}/${release}/kubectl: was written, but without credentials it answered 403`,
    )
    expect(before.stdout).toBe('')
    await s3.publish()
    upstream.forget()
    const after = await run([...args, '--json'], env)
    expect(after.code, after.stderr).toBe(0)
    expect(JSON.parse(after.stdout)).toEqual({ files: expected(repository).files })
    expect(after.stderr).toContain('2 files · 2 were there')
    expect(after.stderr).toContain('all can be read without credentials')
    for (const [name, bytes] of Object.entries({ kubectl, kubelet })) {
      const answer = await fetch(`${repository}/${release}/${name}`)
      expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true)
      expect(await (await fetch(`${repository}/${release}/${name}.sha256`)).text()).toBe(`${sha(bytes)}  ${name}\n`)
    }
    const again = await run(['copy', '--files', 'files.txt', '--file-repository', 's3://charts/other'], {
      ...env,
      AWS_ENDPOINT_URL_S3: s3.options.endpoint,
    })
    expect(again.code, again.stderr).toBe(0)
    expect(again.stderr).toContain('2 files · 500 kB written')
    expect((await fetch(`${s3.options.endpoint}/charts/other/${release}/kubectl`)).status).toBe(200)
  }, 60_000)

  it('fails as it should with wrong credentials, and without a bucket', async () => {
    const args = ['copy', '--files', 'files.txt', '--s3-endpoint', s3.options.endpoint, '--file-repository']
    const denied = await run([...args, 's3://charts/x'], { ...env, AWS_SECRET_ACCESS_KEY: 'wrong' })
    expect(denied.code).toBe(5)
    expect(denied.stderr).toContain('the bucket cannot be read or written')
    const none = await run([...args, 's3://none/x'], env)
    expect(none.stderr).toContain('NoSuchBucket')
  }, 60_000)
})
