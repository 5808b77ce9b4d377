// Every line that a page prints is run as it stands, by helm 3 and 4, or read by what it is written for. Only `helm install`, which
// would need a cluster, is run as `helm template`: it takes the same words.
import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseYaml } from '@chartferry/core/helm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildChart } from '../kit/charts.ts'
import { startServer, type TestServer } from '../kit/server.ts'
import { describeWithTools } from '../kit/tools.ts'

const bin = join(dirname(fileURLToPath(import.meta.url)), '../../packages/cli/src/bin.ts')
const charts = [
  { name: 'web', version: '75.18.1' },
  { name: 'a-chart-with-a-name-that-is-longer-than-the-name-of-a-release', version: '1.0.0+build.7' },
]

describeWithTools('the lines of a page', ['helm3', 'helm4'], (tools) => {
  let server: TestServer
  const homes: string[] = []
  beforeAll(async () => {
    server = await startServer({ repositories: { shop: { kind: 'hosted' } } })
    const pod =
      'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: "{{ .Values.image }}"}]}\n'
    for (const chart of charts) {
      const spec = { ...chart, values: 'image: quay.io/acme/web:1.0\n', templates: { 'pod.yaml': pod } }
      const pushed = await server.ask('/api/shop/charts', { method: 'POST', body: await buildChart(spec) })
      expect(pushed.status).toBe(201)
    }
  })
  afterAll(async () => {
    await server.close()
    for (const home of homes) await rm(home, { recursive: true })
  })

  /** The blocks of a page, by what stands above them. */
  async function blocksOf(path: string): Promise<ReadonlyMap<string, string>> {
    const page = (await server.ask(path, { headers: { accept: 'text/html' } })).body.toString()
    const blocks = page.matchAll(/<figcaption>(.*?)<\/figcaption><pre tabindex="0"><code>(.*?)<\/code>/gs)
    const plain = (text: string): string =>
      text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    return new Map([...blocks].map(([, label = '', text = '']) => [plain(label), plain(text)]))
  }

  /** A home with the tools under their names; helm's `install` becomes `template`. */
  async function openHome(
    helm: string,
  ): Promise<{ readonly home: string; readonly run: (lines: string) => Promise<string> }> {
    const home = await mkdtemp(join(tmpdir(), 'chartferry-lines-'))
    homes.push(home)
    const commands = {
      helm: `if [ "$1" = install ]; then shift; set -- template "$@"; fi\nexec '${helm}' "$@"`,
      chartferry: `exec '${process.execPath}' --conditions=@chartferry/source '${bin}' "$@"`,
    }
    for (const [name, text] of Object.entries(commands)) {
      await writeFile(join(home, name), `#!/bin/sh\n${text}\n`)
      await chmod(join(home, name), 0o755)
    }
    const env = { PATH: `${home}${delimiter}${process.env.PATH}`, HOME: home, NO_COLOR: '1' }
    return {
      home,
      run: (lines) =>
        new Promise((done, fail) => {
          execFile('sh', ['-e', '-c', lines], { cwd: home, env }, (error, stdout, stderr) =>
            error === null ? done(stdout) : fail(new Error(`${lines}\n${stderr}`)),
          )
        }),
    }
  }

  it.each(charts.flatMap((chart) => (['helm3', 'helm4'] as const).map((helm) => ({ ...chart, helm }))))(
    'do what they say for $name $version with $helm',
    async ({ name, version, helm }) => {
      const blocks = await blocksOf(`/shop/chart/${name}/${version}`)
      const { home, run } = await openHome(tools[helm])
      expect(await run(blocks.get('Helm, from the registry') ?? 'false')).toContain('image: "quay.io/acme/web:1.0"')
      expect(await run(blocks.get('Helm 3 and 4') ?? 'false')).toContain('image: "quay.io/acme/web:1.0"')
      await run(blocks.get('Download the archive') ?? 'false')
      await run(blocks.get('Relocate to your registry') ?? 'false')
      const file = `${name}-${version}.tgz`
      expect(await readdir(home)).toContain(file)
      expect(await readdir(join(home, 'out'))).toContain(file)
      const alone = await blocksOf(`/shop/chart/${name}/${version}/versions`)
      await run(alone.get('Add it to helm') ?? 'false')
    },
    60_000,
  )

  it('push a chart, and add a repository', async () => {
    const blocks = await blocksOf('/')
    const { home, run } = await openHome(tools.helm3)
    await writeFile(join(home, 'mychart-1.0.0.tgz'), await buildChart({ name: 'mychart' }))
    expect(await run(blocks.get('Push a chart') ?? 'false')).toBe('{"saved":true}')
    await run(blocks.get('Add a repository to helm') ?? 'false')
    expect(await run('helm show chart shop/mychart')).toContain('name: mychart')
  })

  it('are manifests that mean the version', async () => {
    const blocks = await blocksOf('/shop/chart/web/75.18.1')
    expect(parseYaml(blocks.get('Argo CD') ?? '', { where: 'Argo CD' })).toMatchObject({
      kind: 'Application',
      spec: { source: { repoURL: `${server.url}/shop`, chart: 'web', targetRevision: '75.18.1' } },
    })
    const [repository, release] = (blocks.get('Flux') ?? '')
      .split('---\n')
      .map((text) => parseYaml(text, { where: 'Flux' }))
    expect(repository).toMatchObject({ kind: 'HelmRepository', spec: { url: `${server.url}/shop` } })
    expect(release).toMatchObject({
      kind: 'HelmRelease',
      spec: { chart: { spec: { chart: 'web', version: '75.18.1', sourceRef: { name: 'shop' } } } },
    })
  })
})
