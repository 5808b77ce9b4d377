// Every shell block of the README, as it is printed, on a machine whose Node is too old: the server is the one that `npm start` starts.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { readChartArchive } from '@chartferry/core'
import { openRegistries } from '@chartferry/core/oci'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildChart } from '../kit/charts.ts'
import { layerOf, pushImage } from '../kit/images.ts'
import { oldNodeFolder } from '../kit/old-node.ts'
import { startRegistry, type TestRegistry } from '../kit/registry.ts'
import { describeWithTools } from '../kit/tools.ts'
import { startUpstream, type TestUpstream } from '../kit/upstream.ts'

const root = join(import.meta.dirname, '../..')
const run = promisify(execFile)

/** What stands in the shell blocks of the README, in order. */
async function readBlocks(): Promise<readonly string[]> {
  const readme = await readFile(join(root, 'README.md'), 'utf8')
  return [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => match[1] ?? '')
}

describeWithTools('the README', ['helm3'], ({ helm3 }) => {
  let folder: string
  let source: TestRegistry
  let target: TestRegistry
  let upstream: TestUpstream
  let env: NodeJS.ProcessEnv
  let server: ChildProcess | undefined

  beforeAll(async () => {
    const oldNode = oldNodeFolder()
    if (oldNode === undefined) throw new Error('no Node 20 was found, and npm can fetch none')
    folder = await mkdtemp(join(tmpdir(), 'chartferry-tour-'))
    source = await startRegistry()
    target = await startRegistry()
    const registries = openRegistries({ plainHttp: true })
    await pushImage(registries.repository(`${source.host}/prometheus/prometheus`), {
      layers: [layerOf('prometheus', 1000)],
      tag: 'v3.5.0',
    })
    await registries.close()
    upstream = await startUpstream([
      {
        name: 'prometheus',
        values: `image: ${source.host}/prometheus/prometheus:v3.5.0\n`,
        templates: {
          'pod.yaml':
            'apiVersion: v1\nkind: Pod\nmetadata: {name: prometheus}\nspec: {containers: [{name: p, image: {{ .Values.image }}}]}\n',
        },
      },
    ])
    const config = {
      listen: '127.0.0.1:0',
      data: join(folder, 'store'),
      repositories: { local: { kind: 'hosted' }, 'prometheus-community': { url: upstream.url } },
    }
    await writeFile(join(folder, 'server.yaml'), JSON.stringify(config))
    await mkdir(join(folder, 'tmp'))
    env = {
      ...process.env,
      PATH: [oldNode, dirname(helm3), process.env.PATH].join(delimiter),
      TMPDIR: join(folder, 'tmp'),
      HELM_CONFIG_HOME: join(folder, 'config'),
      HELM_CACHE_HOME: join(folder, 'cache'),
      HELM_DATA_HOME: join(folder, 'data'),
      CHARTFERRY_CONFIG: join(folder, 'server.yaml'),
    }
  })

  afterAll(async () => {
    if (server?.exitCode === null) {
      server.kill('SIGTERM')
      await new Promise((done) => server?.once('close', done))
    }
    await Promise.all([source?.close(), target?.close(), upstream?.close()])
    await rm(folder, { recursive: true, force: true })
  })

  /** Runs `npm start` until it says where it listens. */
  function start(line: string): Promise<string> {
    return new Promise((found, failed) => {
      const child = spawn('sh', ['-c', `exec ${line}`], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
      server = child
      let said = ''
      const take = (piece: Buffer): void => {
        said += piece.toString()
        const url = /chartferry [\d.]+ · (http:\/\/127\.0\.0\.1:\d+) ·/.exec(said)?.[1]
        if (url !== undefined) found(url)
      }
      child.stdout.on('data', take)
      child.stderr.on('data', take)
      child.on('close', (code) => failed(new Error(`npm start ended with ${code}:\n${said}`)))
    })
  }

  it('has a tour that works as it stands, on an old Node', async () => {
    const [first = '', alias = '', ...blocks] = await readBlocks()
    const [startLine = '', testLine = ''] = first.trim().split('\n')
    // This test is part of the second line.
    expect(testLine).toMatch(/^npm test +#/)
    const url = await start(startLine)
    // The servers of the tour run until they are told to end, or have said that they listen.
    const background = (line: string): string =>
      `${line.replace(/ #.*/, '').replace('--port=8080', '--port=0')}${/bundle serve/.test(line) ? ' --listen 127.0.0.1:0' : ''} >served.txt &\nuntil grep -q http: served.txt; do sleep 0.1; done; kill $!; wait $! || true`
    const script = [
      'set -ex',
      'node --version',
      alias,
      // What the reader has.
      'echo secret > password.txt',
      ...blocks,
    ]
      .join('\n')
      .replaceAll('http://127.0.0.1:8080', url)
      .replaceAll(/registry\.(?:corp|plant\.local):5000/g, target.host)
      // There is no cluster.
      .replace(/^helm install (.*)$/m, 'helm template $1 --plain-http')
      .replaceAll(/^chartferry (?:bundle serve|chartmuseum) .*$/gm, background)
    const { stdout } = await run('sh', ['-c', script], { cwd: root, env, maxBuffer: 16_777_216 })
    expect(stdout).toMatch(/^v(?:18|20)\./)
    expect(stdout).toContain('mine/web')
    expect(stdout).toMatch(/nginx:[\d.]+ +values\.yaml:\d+ image +always/)
    expect(stdout).toMatch(/^- {2}repository: nginx\n\+ {2}repository: 127\.0\.0\.1:\d+\/mirror\/library\/nginx$/m)
    expect(stdout).toMatch(/^\+.*127\.0\.0\.1:\d+\/mirror\/library\/busybox$/m)
    expect(stdout).toContain('proven by helm')
    expect(stdout).toMatch(/image: "127\.0\.0\.1:\d+\/mirror\/library\/nginx:[\d.]+"/)
    expect(target.repositories.get('mirror/prometheus/prometheus')?.tags.has('v3.5.0')).toBe(true)
    expect(target.repositories.get('charts/prometheus')?.tags.size).toBe(1)
    expect(stdout).toMatch(new RegExp(`image: ${target.host}/shop/prometheus/prometheus:v3\\.5\\.0`))
  }, 300_000)

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

describe('a machine with an old Node and no network', () => {
  it('is told what is missing, and why npm cannot fetch it', async () => {
    const oldNode = oldNodeFolder()
    if (oldNode === undefined) throw new Error('no Node 20 was found, and npm can fetch none')
    const folder = await mkdtemp(join(tmpdir(), 'chartferry-offline-'))
    try {
      await cp(join(root, 'scripts'), join(folder, 'scripts'), { recursive: true })
      await cp(join(root, 'package.json'), join(folder, 'package.json'))
      // Only node, npm and what these need: no pnpm.
      const bin = join(folder, 'bin')
      await mkdir(bin)
      const places = [oldNode, ...(process.env.PATH ?? '').split(delimiter)]
      for (const name of ['node', 'npm', 'npx', 'sh']) {
        const lists = await Promise.all(
          places.map(async (place) => [place, await readdir(place).catch((): string[] => [])] as const),
        )
        const place = lists.find(([, files]) => files.includes(name))?.[0]
        await symlink(join(place ?? '', name), join(bin, name))
      }
      const env = { PATH: bin, HOME: folder, npm_config_registry: 'http://127.0.0.1:1/' }
      const failure = await run('npm', ['start'], { cwd: folder, env }).then(
        () => undefined,
        (error: { readonly code: number; readonly stderr: string }) => error,
      )
      expect(failure?.code).toBe(1)
      expect(failure?.stderr).toContain('http://127.0.0.1:1: it refuses the connection')
      expect(failure?.stderr).toContain('install Node and pnpm yourself')
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})
