// A bundle served by the command: helm, crane and skopeo take charts and images from it, with helm hidden from the server.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type SampleBundle, writeSample } from '../kit/bundles.ts'
import { runChartferry } from '../kit/command.ts'
import { openHelm } from '../kit/helm.ts'
import { describeWithTools } from '../kit/tools.ts'

const run = promisify(execFile)
const bin = join(import.meta.dirname, '../../packages/cli/src/bin.ts')

describeWithTools('chartferry bundle serve', ['helm3', 'helm4', 'crane', 'skopeo'], (tools) => {
  let folder: string
  let sample: SampleBundle
  let server: ChildProcess
  let address = ''
  const banner: string[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartferry-bundle-serve-'))
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    await writeFile(join(folder, 'shop.pub'), publicKey.export({ type: 'spki', format: 'pem' }))
    await writeFile(
      join(folder, 'other.pub'),
      generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }),
    )
    sample = await writeSample(join(folder, 'shop.ferry'), { signingKey: privateKey, layerSize: 100_000 })
    const args = ['bundle', 'serve', 'shop.ferry', '--verify-key', 'shop.pub', '--listen', '127.0.0.1:0']
    server = spawn(process.execPath, ['--conditions=@chartferry/source', bin, ...args], {
      cwd: folder,
      // No helm, nowhere.
      env: { PATH: '/nonexistent', HOME: folder },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    for await (const line of createInterface({ input: server.stdout as NodeJS.ReadableStream })) {
      banner.push(line)
      address = /http:\/\/([\d.]+:\d+) /.exec(line)?.[1] ?? address
      if (line === 'END') break
    }
  }, 30_000)
  afterAll(async () => {
    server.kill('SIGTERM')
    expect(await once(server, 'exit')).toEqual([0, null])
    await rm(folder, { recursive: true })
  })

  it('gives helm its charts, whose images are all there', async () => {
    for (const path of [tools.helm3, tools.helm4]) {
      const helm = await openHelm(path)
      await helm.must('repo', 'add', 'charts', `http://${address}/charts`)
      const rendered = await helm.must('template', 'charts/web', '--version', '1.0.0+build')
      const images = [...rendered.matchAll(/image: "(.*)"/g)].map(([, image = '']) => image)
      expect(images.sort()).toEqual([`${address}/acme/tool:2`, `${address}/acme/web:1`])
      for (const image of images) await run(tools.crane, ['validate', '--remote', image])
      await helm.must('pull', `oci://${address}/charts/web`, '--version', '1.0.0+build', '--plain-http')
      await helm.close()
    }
  })

  it('gives an image with all its platforms and its signature, byte for byte', async () => {
    const { index, signature, sbom } = sample.signed
    const image = `${address}/acme/web`
    expect((await run(tools.crane, ['digest', `${image}:1`])).stdout.trim()).toBe(index.digest)
    const signed = `${image}:${index.digest.replace(':', '-')}.sig`
    expect((await run(tools.crane, ['digest', signed])).stdout.trim()).toBe(signature.digest)
    await run(tools.skopeo, [
      '--insecure-policy',
      'copy',
      '--all',
      '--preserve-digests',
      '--src-tls-verify=false',
      `docker://${image}:1`,
      `oci:${join(folder, 'copied')}:1`,
    ])
    const referrers = await fetch(`http://${image.replace('/', '/v2/')}/referrers/${index.digest}`)
    expect(await referrers.json()).toMatchObject({ manifests: [{ digest: sbom.digest }] })
  })

  it('says what to type', () => {
    expect(banner.join('\n')).toContain(`helm repo add charts http://${address}/charts`)
    expect(banner.join('\n')).toContain(`[host."http://${address}"]`)
  })

  it('refuses a bundle of another key, and one that is none', async () => {
    const serve = (...args: readonly string[]) =>
      runChartferry(['bundle', 'serve', ...args, '--listen', '127.0.0.1:0'], { cwd: folder })
    const wrong = await serve('shop.ferry', '--verify-key', 'other.pub')
    expect([wrong.code, wrong.stderr]).toEqual([5, expect.stringContaining('SIGNATURE_INVALID')])
    expect((await serve('none.ferry')).code).toBe(3)
    expect((await serve('shop.pub')).stderr).toContain('BUNDLE_INVALID')
    expect((await runChartferry(['bundle', 'serve', 'shop.ferry', '--listen', 'here'], { cwd: folder })).code).toBe(2)
  })
})
