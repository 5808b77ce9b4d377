// A bundle as a user makes, looks into, carries and pushes it: the command, real archives, registries over HTTP.
import { execFile, execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openRegistries } from '@chartferry/core/oci'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildChart } from '../kit/charts.ts'
import { type CommandRun, runChartferry } from '../kit/command.ts'
import { layerOf, pushImage, pushSignedIndex, type SignedIndex } from '../kit/images.ts'
import { startRegistry, type TestRegistry } from '../kit/registry.ts'
import { describeWithTools } from '../kit/tools.ts'

let folder: string
let source: TestRegistry
let signed: SignedIndex

/** Charts of the far side, and a bundle of them, for all tests. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartferry-bundle-'))
  source = await startRegistry()
  const registries = openRegistries()
  const place = (name: string) => registries.repository(`${source.host}/${name}`)
  signed = await pushSignedIndex(place('acme/web'), '1', { layerSize: 40_000 })
  await pushImage(place('acme/tool'), { layers: [layerOf('tool', 30_000)], tag: '2' })
  await pushImage(place('acme/extra'), { layers: [layerOf('extra', 20_000)], tag: '3' })
  await registries.close()
  const pod = (name: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {containers: [{name: main, image: "{{ .Values.${name} }}"}]}\n`
  const web = { name: 'web', values: `image: ${source.host}/acme/web:1\n`, templates: { 'web.yaml': pod('image') } }
  const tool = { name: 'tool', values: `image: ${source.host}/acme/tool:2\n`, templates: { 'tool.yaml': pod('image') } }
  await writeFile(join(folder, 'web-1.0.0.tgz'), await buildChart(web))
  await writeFile(join(folder, 'tool-1.0.0.tgz'), await buildChart(tool))
  await writeFile(join(folder, 'kubectl'), 'a program\n')
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  await writeFile(join(folder, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
  await writeFile(join(folder, 'key.pub'), publicKey.export({ type: 'spki', format: 'pem' }))
  const made = await run(
    ['bundle', 'create', 'web-1.0.0.tgz', 'tool-1.0.0.tgz', '--file', 'shop.ferry', '--add', 'kubectl'],
    ['--image', `${source.host}/acme/extra:3`, '--sign-key', 'key.pem'],
  )
  expect(made.code, made.stderr).toBe(0)
  expect(made.stdout).toMatch(
    /^shop\.ferry {2}\d+ kB · 2 charts · 3 images \(7 platforms\) · 1 file · signed · complete: every image that the charts can run is inside\n$/,
  )
}, 60_000)
afterAll(async () => {
  await source.close()
  await rm(folder, { recursive: true, force: true })
})

function run(...args: readonly (string | readonly string[])[]): Promise<CommandRun> {
  return runChartferry(args.flat(), { cwd: folder, env: { HOME: folder, HELM_BIN: '', PATH: '/nonexistent' } })
}

describe('chartferry bundle', () => {
  it('shows what is inside', async () => {
    const { stdout } = await run('bundle', 'inspect', 'shop.ferry')
    expect(stdout).toContain('web 1.0.0')
    expect(stdout).toMatch(/acme\/web:1 .*linux\/amd64 linux\/arm64 .*3 belong to it/)
    expect(stdout).toContain('kubectl')
    const described = JSON.parse((await run('bundle', 'inspect', 'shop.ferry', '--json')).stdout)
    expect(described).toMatchObject({ format: 'chartferry.bundle/v1', signed: true, missing: [] })
  })

  it('reads every byte, and names what is damaged', async () => {
    expect(await run('bundle', 'verify', 'shop.ferry')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/every digest is right/),
    })
    const bytes = await readFile(join(folder, 'shop.ferry'))
    const at = bytes.indexOf('a program')
    bytes[at] = (bytes[at] ?? 0) ^ 1
    await writeFile(join(folder, 'damaged.ferry'), bytes)
    const { code, stderr } = await run('bundle', 'verify', 'damaged.ferry')
    expect(code).toBe(5)
    expect(stderr).toMatch(/1 fault\n.*its bytes are sha256:[0-9a-f]{64} \(file kubectl\)/)
    await writeFile(join(folder, 'cut.ferry'), bytes.subarray(0, 50_000))
    expect(await run('bundle', 'inspect', 'cut.ferry')).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('it is cut off'),
    })
  })

  it('pushes to a registry that was not known, only what is missing, and says what was proven', async () => {
    const target = await startRegistry()
    const push = () =>
      run('bundle', 'push', 'shop.ferry', '--to', `${target.host}/shop`, '--verify-key', 'key.pub', '--json')
    const first = await push()
    expect(first.code, first.stderr).toBe(0)
    const result = JSON.parse(first.stdout)
    expect(result.charts.map((chart: { place: string }) => chart.place.replace(/@.*/, ''))).toEqual([
      `oci://${target.host}/shop/charts/tool:1.0.0`,
      `oci://${target.host}/shop/charts/web:1.0.0`,
    ])
    expect(result.charts[1]).toMatchObject({ proof: null, carriedProof: { status: 'proven' } })
    const registries = openRegistries()
    const web = registries.repository(`${target.host}/shop/acme/web`)
    expect(await web.resolve('1')).toEqual(signed.index)
    expect(await web.resolve(`${signed.index.digest.replace(':', '-')}.sig`)).toEqual(signed.signature)
    const referrers = []
    for await (const { digest } of web.referrers(signed.index)) referrers.push(digest)
    expect(referrers).toEqual([signed.sbom.digest])
    expect((await registries.repository(`${target.host}/shop/acme/extra`).resolve('3')).size).toBeGreaterThan(0)
    await registries.close()
    const pulled = await run('pull', `oci://${target.host}/shop/charts/web`, '-d', 'pulled')
    expect(pulled.code, pulled.stderr).toBe(0)
    const listed = await run('images', 'pulled/web-1.0.0.tgz', '--json')
    expect(listed.stdout).toContain(`${target.host}/shop/acme/web:1`)
    expect(listed.stdout).not.toContain(source.host)
    target.forget()
    expect((await push()).code).toBe(0)
    expect(target.count(/^(POST|PATCH) .*acme/)).toBe(0)
    await target.close()
  })

  it('does nothing without the signature asked for', async () => {
    const { publicKey } = generateKeyPairSync('ed25519')
    await writeFile(join(folder, 'other.pub'), publicKey.export({ type: 'spki', format: 'pem' }))
    const pushed = await run('bundle', 'push', 'shop.ferry', '--to', '127.0.0.1:1/x', '--verify-key', 'other.pub')
    expect(pushed).toMatchObject({ code: 5, stderr: expect.stringContaining('SIGNATURE_INVALID') })
  })

  it('gives back charts and files as they went in', async () => {
    const { code } = await run('bundle', 'extract', 'shop.ferry', '-d', 'out')
    expect(code).toBe(0)
    expect((await readdir(join(folder, 'out'))).sort()).toEqual(['kubectl', 'tool-1.0.0.tgz', 'web-1.0.0.tgz'])
    for (const name of ['kubectl', 'web-1.0.0.tgz'])
      expect((await readFile(join(folder, 'out', name))).equals(await readFile(join(folder, name)))).toBe(true)
    expect((await run('bundle', 'extract', 'shop.ferry', 'nothing', '-d', 'out')).code).toBe(3)
  })

  it('tops up a base, in parts, and says what is new and that the base is wanted', async () => {
    const create = await run(
      ['bundle', 'create', 'web-1.0.0.tgz', '--image', `${source.host}/acme/extra:3`],
      ['--file', 'small.ferry', '--quiet'],
    )
    expect(create.code, create.stderr).toBe(0)
    const update = await run(
      ['bundle', 'create', 'web-1.0.0.tgz', 'tool-1.0.0.tgz', '--file', 'update.ferry'],
      ['--base', 'small.ferry', '--split', '20k', '--json'],
    )
    expect(update.code, update.stderr).toBe(0)
    const { paths, size } = JSON.parse(update.stdout)
    expect(paths.length).toBe(Math.ceil(size / 20_000))
    const diff = await run('bundle', 'diff', 'small.ferry', 'update.ferry')
    expect(diff.stdout).toMatch(/^\+ {2}chart {2}tool 1\.0\.0/m)
    expect(diff.stdout).toMatch(/^- {2}image .*acme\/extra:3/m)

    const empty = await startRegistry()
    const alone = await run('bundle', 'push', 'update.ferry', '--to', `${empty.host}/shop`)
    expect(alone).toMatchObject({ code: 3, stderr: expect.stringContaining('BUNDLE_BASE_MISSING') })
    const wrong = await run('bundle', 'push', 'update.ferry', '--to', `${empty.host}/shop`, '--base', 'shop.ferry')
    expect(wrong).toMatchObject({ code: 7, stderr: expect.stringContaining('BUNDLE_BASE_MISMATCH') })
    const both = await run('bundle', 'push', 'update.ferry', '--to', `${empty.host}/shop`, '--base', 'small.ferry')
    expect(both.code, both.stderr).toBe(0)
    await empty.close()
    // A registry that got the base has what the update leaves out.
    const filled = await startRegistry()
    for (const file of ['small.ferry', 'update.ferry']) {
      const pushed = await run('bundle', 'push', file, '--to', `${filled.host}/shop`)
      expect(pushed.code, pushed.stderr).toBe(0)
    }
    await filled.close()
    await mkdir(join(folder, 'carried'))
    for (const path of paths.slice(1)) await copyFile(join(folder, path), join(folder, 'carried', path))
    const missing = await run('bundle', 'inspect', 'carried/update.ferry')
    expect(missing).toMatchObject({ code: 3, stderr: expect.stringContaining('BUNDLE_PART_MISSING') })
  }, 90_000)

  it('is made by relocate too, and pushes what relocate would have', async () => {
    const to = ['--to', 'reg.corp:5000/m']
    const made = await run('relocate', 'web-1.0.0.tgz', ...to, '--bundle', 'one.ferry')
    expect(made.code, made.stderr).toBe(0)
    const target = await startRegistry()
    const pushed = await run('bundle', 'push', 'one.ferry', '--to', `${target.host}/m`, '--charts', 'relocated')
    expect(pushed.code, pushed.stderr).toBe(0)
    await target.close()
    expect(await readdir(join(folder, 'relocated'))).toEqual(['index.yaml', 'web-1.0.0.tgz'])
    const bare = await run('relocate', 'web-1.0.0.tgz', ...to, '--bundle', 'bare.ferry', '--no-images')
    expect(bare.code, bare.stderr).toBe(0)
    const verified = await run('bundle', 'verify', 'bare.ferry')
    expect(verified).toMatchObject({ code: 5, stderr: expect.stringContaining('BUNDLE_INCOMPLETE') })
  }, 60_000)

  it('says what is wrong with how it is called', async () => {
    for (const [args, words] of [
      [['bundle', 'create', '--file', 'x.ferry'], /nothing is to go into the bundle/],
      [['bundle', 'create', 'web-1.0.0.tgz', '--file', 'x.ferry', '--split', 'much'], /--split much/],
      [['bundle', 'create', 'web-1.0.0.tgz', '--file', 'shop.ferry', '--split', '1M'], /there is a whole bundle/],
    ] as const) {
      const { code, stderr } = await run(...args)
      expect(code).toBe(2)
      expect(stderr).toMatch(words)
    }
    expect(await readdir(folder)).not.toContain('x.ferry')
  })
})

describeWithTools('the example of an air gap', ['openssl'], () => {
  it('carries a chart to a registry', async () => {
    const target = await startRegistry()
    const bin = join(import.meta.dirname, '../../packages/cli/src/bin.ts')
    const program = `#!/bin/sh\nexec "${process.execPath}" --conditions=@chartferry/source "${bin}" "$@"\n`
    const place = join(folder, 'carried-by-script')
    await mkdir(place)
    await writeFile(join(place, 'chartferry'), program, { mode: 0o755 })
    const script = join(import.meta.dirname, '../../examples/air-gapped-bundle/carry.sh')
    const env = { ...process.env, PATH: `${place}:${process.env.PATH ?? ''}`, HOME: folder }
    const args = [script, join(folder, 'web-1.0.0.tgz'), `${target.host}/shop`]
    await promisify(execFile)('sh', args, { cwd: place, env })
    expect([...target.repositories.keys()].sort()).toEqual(['shop/acme/web', 'shop/charts/web'])
    await target.close()
  })
})

describeWithTools('a bundle with helm and skopeo at hand', ['helm3', 'skopeo'], ({ helm3, skopeo }) => {
  it('is proven anew when it is pushed, and read by skopeo', async () => {
    const target = await startRegistry()
    const args = ['bundle', 'push', 'shop.ferry', '--to', `${target.host}/shop`]
    const pushed = await runChartferry(args, { cwd: folder, env: { HOME: folder, HELM_BIN: helm3 } })
    expect(pushed.code, pushed.stderr).toBe(0)
    expect(pushed.stdout).toMatch(/proven by helm v3/)
    await target.close()

    const inspect = ['--insecure-policy', 'inspect', '--raw', `oci-archive:shop.ferry:${source.host}/acme/web:1`]
    const raw = execFileSync(skopeo, inspect, { cwd: folder })
    expect(raw.length).toBe(signed.index.size)
  })
})
