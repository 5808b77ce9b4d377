// The pages that lead through a task run as they stand, each in one shell, with registries and repositories of this machine in the place of those they name.
import { spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { openRegistries } from '@chartferry/core/oci'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildChart } from '../kit/charts.ts'
import { freePort } from '../kit/free-port.ts'
import { layerOf, pushImage } from '../kit/images.ts'
import { startRegistry, type TestRegistry } from '../kit/registry.ts'
import { describeWithTools } from '../kit/tools.ts'
import { startUpstream, type TestUpstream } from '../kit/upstream.ts'

const root = join(import.meta.dirname, '../..')

describeWithTools('the page', ['helm3'], ({ helm3 }) => {
  let folder: string
  let source: TestRegistry
  let target: TestRegistry
  let upstream: TestUpstream

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartferry-pages-'))
    source = await startRegistry()
    target = await startRegistry()
    const registries = openRegistries({ plainHttp: true })
    await pushImage(registries.repository(`${source.host}/acme/web`), { tag: '1.0', layers: [layerOf('web', 1000)] })
    await registries.close()
    const values = `image: ${source.host}/acme/web:1.0\n`
    const pod =
      'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: {{ .Values.image }}}]}\n'
    const chart = { values, templates: { 'pod.yaml': pod } }
    upstream = await startUpstream([{ name: 'ingress-nginx', version: '4.13.0', ...chart }])
    await writeFile(join(folder, 'web-1.0.0.tgz'), await buildChart({ name: 'web', ...chart }))
    const bin = join(folder, 'bin')
    await mkdir(bin)
    const command = join(root, 'packages/cli/src/bin.ts')
    const shim = `#!/bin/sh\nexec '${process.execPath}' --conditions=@chartferry/source '${command}' "$@"\n`
    await writeFile(join(bin, 'chartferry'), shim)
    await chmod(join(bin, 'chartferry'), 0o755)
    await symlink(helm3, join(bin, 'helm'))
  })
  afterAll(async () => {
    await Promise.all([source?.close(), target?.close(), upstream?.close()])
    await rm(folder, { recursive: true, force: true })
  })

  /** Runs every shell block of a page in one shell, where servers go on in the background until its end; gives what was printed. */
  async function follow(page: string): Promise<string> {
    const place = await mkdtemp(join(folder, 'run-'))
    await symlink(join(folder, 'web-1.0.0.tgz'), join(place, 'web-1.0.0.tgz'))
    await writeFile(join(place, 'password.txt'), 'secret\n')
    const text = await readFile(join(root, 'docs', page), 'utf8')
    const blocks = [...text.matchAll(/```sh\n(.*?)```/gs)].map((match) => match[1] ?? '')
    expect(blocks.length).toBeGreaterThan(2)
    const here = `127.0.0.1:${await freePort()}`
    const background = (line: string): string =>
      `: > served.txt\n${line} >>served.txt 2>&1 &\nservers="$servers $!"\nuntil grep -q 'http://' served.txt; do sleep 0.1; done\ncat served.txt`
    const script = blocks
      .join('\n')
      .replaceAll('127.0.0.1:8080', here)
      .replaceAll('https://kubernetes.github.io/ingress-nginx', upstream.url)
      .replaceAll(/registry\.(?:corp|plant\.local):5000/g, target.host)
      .replaceAll(/^helm (?:template|pull) .*oci:.*$/gm, (line) => `${line.replace(' --plain-http', '')} --plain-http`)
      .replaceAll(/^chartferry bundle serve .*$/gm, (line) => background(`${line} --listen ${here}`))
      .replaceAll(/^chartferry serve$/gm, background)
    const end = 'servers=\ntrap \'for server in $servers; do kill "$server"; wait "$server" || true; done\' EXIT\n'
    const { code, output } = await shell(`set -ex\n${end}${script}`, place)
    expect(code, output).toBe(0)
    return output
  }

  function shell(script: string, cwd: string): Promise<{ readonly code: number; readonly output: string }> {
    const env = {
      ...process.env,
      PATH: [join(folder, 'bin'), process.env.PATH].join(delimiter),
      HOME: cwd,
      XDG_CACHE_HOME: join(cwd, '.cache'),
      HELM_CONFIG_HOME: join(cwd, '.config'),
      HELM_CACHE_HOME: join(cwd, '.cache'),
      HELM_DATA_HOME: join(cwd, '.data'),
      NO_COLOR: '1',
    }
    return new Promise((done) => {
      const child = spawn('/bin/sh', ['-c', script], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
      let output = ''
      const take = (piece: Buffer): void => {
        output += piece.toString()
      }
      child.stdout.on('data', take)
      child.stderr.on('data', take)
      child.on('close', (code) => done({ code: code ?? 1, output }))
    })
  }

  it('mirror-a-chart.md: chart and images are at the registry, and the chart names them', async () => {
    const output = await follow('mirror-a-chart.md')
    expect(output).toMatch(/^\+image: .*\/mirror\/acme\/web:1\.0$/m)
    expect(output).toContain('proven by helm')
    expect(output).toContain(`image: ${target.host}/mirror/acme/web:1.0`)
    expect(target.repositories.get('mirror/acme/web')?.tags.has('1.0')).toBe(true)
    expect(target.repositories.get('charts/ingress-nginx')?.tags.has('4.13.0')).toBe(true)
  }, 240_000)

  it('air-gap.md: the far side gets all from the file, and the next file is smaller', async () => {
    const output = await follow('air-gap.md')
    expect(output).toContain('every image that the charts can run is inside')
    expect(output).toContain('every digest is right')
    expect(output).toContain(`image: ${target.host}/shop/acme/web:1.0`)
    expect(output).toContain('needs its base')
    expect(target.repositories.get('shop/charts/ingress-nginx')?.tags.has('4.13.0')).toBe(true)
  }, 240_000)

  it('run-the-server.md: the configuration is right, and helm finds both repositories under one address', async () => {
    const output = await follow('run-the-server.md')
    expect(output).toMatch(/^all\/ingress-nginx\s+4\.13\.0/m)
    expect(output).toContain('"saved":true')
    expect(output).toMatch(/Pulled: 127\.0\.0\.1:\d+\/ours\/web:1\.0\.0/)
  }, 240_000)
})
