// A chartferry.yaml from its lock to a registry, a folder of charts and a folder of files, with what changes meanwhile.
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRegistries, type Registries } from '@chartferry/core/oci'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { digestHex, digestOf } from '../../packages/core/src/digest.ts'
import { buildChart } from '../kit/charts.ts'
import { type CommandRun, runChartferry } from '../kit/command.ts'
import { layerOf, pushImage } from '../kit/images.ts'
import { startRegistry, type TestRegistry } from '../kit/registry.ts'
import { describeWithTools } from '../kit/tools.ts'
import { startUpstream, type TestUpstream } from '../kit/upstream.ts'

const example = join(import.meta.dirname, '../../examples/declarative')

describeWithTools('examples/declarative', ['helm3'], ({ helm3 }) => {
  let folder: string
  let registry: TestRegistry
  let upstream: TestUpstream
  let client: Registries

  const run = (...args: string[]): Promise<CommandRun> =>
    runChartferry(args, { cwd: folder, env: { XDG_CACHE_HOME: join(folder, 'cache'), HELM_BIN: helm3 } })
  const succeed = async (...args: string[]): Promise<CommandRun> => {
    const ended = await run(...args)
    expect(ended.code, `${args.join(' ')}\n${ended.stderr}`).toBe(0)
    return ended
  }
  const push = async (path: string, tag: string, text: string): Promise<string> =>
    (await pushImage(client.repository(`${registry.host}/${path}`), { layers: [layerOf(text, 1000)], tag })).digest
  const addChart = async (version: string): Promise<void> => {
    const pod = `apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: "{{ .Values.image }}"}]}\n`
    await upstream.add({
      name: 'web',
      version,
      values: `image: ${registry.host}/acme/web:${version}\n`,
      templates: { 'pod.yaml': pod },
    })
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartferry-declarative-'))
    registry = await startRegistry()
    upstream = await startUpstream()
    client = openRegistries()
    await cp(example, folder, { recursive: true })
    const text = await readFile(join(folder, 'chartferry.yaml'), 'utf8')
    await writeFile(
      join(folder, 'chartferry.yaml'),
      text
        .replaceAll('https://charts.example.com', upstream.url)
        .replaceAll('https://dl.example.com', upstream.url)
        .replaceAll('registry.corp:5000', registry.host)
        .replaceAll('quay.io/', `${registry.host}/`),
    )
    upstream.files.set('release/v1.30.0/kubectl', Buffer.from('kubectl'))
    upstream.files.set('release/v1.30.0/kubectl.sha256', Buffer.from(digestHex(digestOf('kubectl'))))
    await addChart('1.0.0')
    await push('acme/web', '1.0.0', 'web 1.0.0')
    await push('acme/tool', '1.2', 'tool')
  }, 60_000)
  afterAll(async () => {
    await client.close()
    await upstream.close()
    await registry.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('is locked, copied and relocated as it was then, and tells what is new', async () => {
    const missing = await run('copy', '--config', 'chartferry.yaml')
    expect(missing.code).toBe(3)
    expect(missing.stderr).toContain('chartferry lock chartferry.yaml')
    expect((await succeed('lock')).stdout).toBe('chartferry.lock  1 chart · 2 images · 1 file\n')
    const lock = await readFile(join(folder, 'chartferry.lock'), 'utf8')
    expect((await succeed('lock', '--dry-run')).stdout).toBe(lock)
    expect((await succeed('update', '--exit-code')).stdout).toBe('nothing has changed\n')

    // The world goes on: a newer chart, and another image under an old tag.
    const old = (await client.repository(`${registry.host}/acme/tool`).resolve('1.2')).digest
    await addChart('1.1.0')
    await push('acme/web', '1.1.0', 'web 1.1.0')
    const moved = await push('acme/tool', '1.2', 'tool, once more')

    await succeed('copy', '--config', 'chartferry.yaml')
    expect((await client.repository(`${registry.host}/mirror/acme/tool`).resolve('1.2')).digest).toBe(old)
    expect(registry.repositories.get('mirror/acme/web')?.tags.has('1.0.0')).toBe(true)
    await succeed('relocate', '--config', 'chartferry.yaml', '--copy', '-d', 'out')
    expect(await readdir(join(folder, 'out'))).toEqual(['web-1.0.0.tgz'])
    const { stdout } = await succeed('template', 'out/web-1.0.0.tgz')
    expect(stdout).toContain(`image: "${registry.host}/mirror/acme/web:1.0.0"`)
    const assets = await succeed('assets', 'copy', '--config', 'chartferry.yaml', '--json')
    expect(JSON.parse(assets.stdout)).toMatchObject({
      images: [
        { download: `${registry.host}/mirror/acme/tool:1.2` },
        { download: `${registry.host}/mirror/acme/web:1.0.0` },
      ],
      files: [{ download: join(folder, 'files/release/v1.30.0/kubectl'), sha: digestHex(digestOf('kubectl')) }],
    })
    expect(await readFile(join(folder, 'files/release/v1.30.0/kubectl'), 'utf8')).toBe('kubectl')

    await succeed('bundle', 'create', '--config', 'chartferry.yaml', '--file', 'shop.ferry')
    const inside = (await succeed('bundle', 'inspect', 'shop.ferry', '--json')).stdout
    for (const words of [old, '1.0.0', 'kubectl', digestOf('kubectl')]) expect(inside).toContain(words)
    expect(inside).not.toContain(moved)
    await succeed('bundle', 'verify', 'shop.ferry')

    const update = await run('update', '--exit-code', '--json')
    expect(update.code).toBe(7)
    const { error, done } = JSON.parse(update.stdout) as {
      readonly error: object
      readonly done: { readonly changes: readonly unknown[] }
    }
    expect(error).toMatchObject({ code: 'LOCK_OUTDATED', exitCode: 7 })
    const { changes } = done
    expect(changes).toMatchObject([
      { kind: 'chart', before: expect.stringMatching(/^1\.0\.0 /), after: expect.stringMatching(/^1\.1\.0 /) },
      { kind: 'image', name: `${registry.host}/acme/tool`, before: `1.2 ${old}`, after: `1.2 ${moved}` },
      { kind: 'image', name: `${registry.host}/acme/web`, before: expect.stringMatching(/^1\.0\.0 /) },
    ])
    await succeed('lock')
    await succeed('relocate', '--config', 'chartferry.yaml', '--copy', '-d', 'out')
    expect((await readdir(join(folder, 'out'))).sort()).toEqual(['web-1.0.0.tgz', 'web-1.1.0.tgz'])
  }, 120_000)

  it('refuses a lock that is for another text, and bytes that are others', async () => {
    await writeFile(join(folder, 'values.yaml'), 'replicas: 7\n')
    const stale = await run('copy', '--config', 'chartferry.yaml')
    expect(stale.code).toBe(7)
    expect(stale.stderr).toContain('LOCK_OUTDATED')
    await succeed('lock')
    upstream.files.set('other.tgz', await buildChart({ name: 'web', version: '1.1.0' }))
    upstream.setIndex(
      'apiVersion: v1\nentries: {web: [{apiVersion: v2, name: web, version: 1.1.0, urls: [other.tgz]}]}\n',
    )
    const other = await run('relocate', '--config', 'chartferry.yaml', '-d', 'out2')
    expect(other.code).toBe(7)
    expect(other.stderr).toContain('its digest is sha256:')
    await expect(readdir(join(folder, 'out2'))).rejects.toThrow()
    const faulty = await run('lock', 'faulty.yaml')
    expect(faulty.code).toBe(3)
    await writeFile(join(folder, 'faulty.yaml'), 'charts:\n  - chrat: web\nimages: [A B]\n')
    const faults = await run('lock', 'faulty.yaml')
    expect(faults.code).toBe(2)
    expect(faults.stderr).toContain('faulty.yaml:2: charts[0].chrat: is not known')
    expect(faults.stderr).toContain('faulty.yaml:3: images[0]:')
    expect((await run('relocate', 'web.tgz', '--config', 'chartferry.yaml')).code).toBe(2)
    expect((await run('relocate')).code).toBe(2)
  }, 120_000)
})
