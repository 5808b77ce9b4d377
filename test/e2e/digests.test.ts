// What a relocated chart names is what the target has: with platforms left out, with digests in the chart, by copy and by bundle.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { listImages, readChartArchive } from '@chartferry/core'
import { openRegistries } from '@chartferry/core/oci'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildChart } from '../kit/charts.ts'
import { type CommandRun, runChartferry } from '../kit/command.ts'
import { openHelm } from '../kit/helm.ts'
import { pushSignedIndex, type SignedIndex } from '../kit/images.ts'
import { type RealRegistry, startRealRegistry } from '../kit/real-registries.ts'
import { describeWithTools } from '../kit/tools.ts'

const run = promisify(execFile)
const bin = join(import.meta.dirname, '../../packages/cli/src/bin.ts')
const pods = {
  'pod.yaml':
    'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - {name: web, image: {{ .Values.image }}}\n  - {name: tool, image: "{{ .Values.tool.repository }}{{ with .Values.tool.sha }}@sha256:{{ . }}{{ end }}"}\n',
}

describeWithTools('digests after a copy', ['docker-registry', 'skopeo', 'helm3'], (tools) => {
  let folder: string
  let source: RealRegistry
  let target: RealRegistry
  let signed: SignedIndex
  let other: SignedIndex
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartferry-digests-'))
    source = await startRealRegistry({ command: tools['docker-registry'], kind: 'distribution' })
    target = await startRealRegistry({ command: tools['docker-registry'], kind: 'distribution' })
    const registries = openRegistries()
    signed = await pushSignedIndex(registries.repository(`${source.host}/team/app`), 'v1')
    other = await pushSignedIndex(registries.repository(`${source.host}/team/tool`), 'v2')
    await registries.close()
    const chart = async (name: string, image: string): Promise<void> => {
      const tool = `tool:\n  repository: ${source.host}/team/tool\n  sha: ${other.index.digest.slice('sha256:'.length)}\n`
      const values = `image: ${source.host}/team/app${image}\n${tool}`
      const note = `# ${source.host}/team/app${image}\n`
      await writeFile(
        join(folder, `${name}-1.0.0.tgz`),
        await buildChart({ name, values, templates: pods, files: { 'images.txt': note } }),
      )
    }
    await chart('tagged', ':v1')
    await chart('pinned', `:v1@${signed.index.digest}`)
  }, 60_000)
  afterAll(async () => {
    await source.close()
    await target.close()
    await rm(folder, { recursive: true, force: true })
  })

  const ferry = (...args: readonly string[]): Promise<CommandRun> =>
    runChartferry(args, { cwd: folder, env: { HOME: folder, HELM_BIN: tools.helm3 } })

  /** What skopeo says of each image that a chart runs: its digest, or why it cannot be had. */
  async function ask(images: readonly string[]): Promise<readonly string[]> {
    return Promise.all(
      images.map(async (image) => {
        const bare = image.replace(/:[\w.-]+@/, '@')
        const args = ['inspect', '--tls-verify=false', '--raw', `docker://${bare}`]
        return run(tools.skopeo, args).then(
          () => 'there',
          (thrown: { readonly stderr: string }) => `${image}: ${thrown.stderr.trim()}`,
        )
      }),
    )
  }

  async function imagesOf(path: string): Promise<readonly string[]> {
    const { images } = await listImages(await readChartArchive(await readFile(join(folder, path))))
    return images.map(({ reference }) => reference).sort()
  }

  it.each([
    ['digests that tags stand for', ['tagged-1.0.0.tgz', '--pin-digests']],
    ['digests that the chart names', ['pinned-1.0.0.tgz']],
  ])(
    'relocates with %s, platforms left out',
    async (title, args) => {
      const to = `${target.host}/${title.replaceAll(' ', '-')}`
      const flags = ['--to', to, '--copy', '--platform', 'linux/amd64', '-d', 'out', '--save-plan', 'plan.json']
      const { code, stdout, stderr } = await ferry('relocate', ...args, ...flags, '--json')
      expect(code, stderr).toBe(0)
      const [{ proof, plan }] = JSON.parse(stdout).charts
      expect(proof.status).toBe('proven')
      const images = await imagesOf(`out/${args[0]}`)
      expect(await ask(images)).toEqual(['there', 'there'])
      expect(images.join()).not.toContain(signed.index.digest)
      // The table, the plan and the archive are of one mind.
      expect(plan.images.map((image: { readonly to: string }) => image.to).sort()).toEqual(images)
      const undone = await ferry('relocate', `out/${args[0]}`, '--undo', 'plan.json', '-d', 'undone')
      expect(undone.code, undone.stderr).toBe(0)
      const before = await readChartArchive(await readFile(join(folder, String(args[0]))))
      const after = await readChartArchive(await readFile(join(folder, 'undone', String(args[0]))))
      expect([...after.chart.files]).toEqual([...before.chart.files])
    },
    60_000,
  )

  it('bundles with platforms left out give charts whose digests can be had, pushed and served', async () => {
    const made = await ferry('bundle', 'create', 'pinned-1.0.0.tgz', '--platform', 'linux/amd64', '--file', 'one.ferry')
    expect(made.code, made.stderr).toBe(0)
    const pushed = await ferry('bundle', 'push', 'one.ferry', '--to', `${target.host}/pushed`, '--charts', 'pushed')
    expect(pushed.code, pushed.stderr).toBe(0)
    expect(await ask(await imagesOf('pushed/pinned-1.0.0.tgz'))).toEqual(['there', 'there'])

    const args = ['bundle', 'serve', 'one.ferry', '--listen', '127.0.0.1:0']
    const server: ChildProcess = spawn(process.execPath, ['--conditions=@chartferry/source', bin, ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    try {
      let address = ''
      for await (const line of createInterface({ input: server.stdout as NodeJS.ReadableStream })) {
        address = /http:\/\/([\d.]+:\d+) /.exec(line)?.[1] ?? address
        if (line === 'END') break
      }
      const helm = await openHelm(tools.helm3)
      await helm.must('repo', 'add', 'charts', `http://${address}/charts`)
      const rendered = await helm.must('template', 'charts/pinned')
      await helm.close()
      const images = [...rendered.matchAll(/image: "?([^"}\n]*)/g)].map(([, image = '']) => image)
      expect(images).toHaveLength(2)
      expect(await ask(images)).toEqual(['there', 'there'])
      // The digest of the whole index is nothing that this bundle has.
      const asked = await fetch(`http://${address}/v2/team/app/manifests/${signed.index.digest}`)
      expect(asked.status).toBe(404)
    } finally {
      server.kill('SIGTERM')
      await once(server, 'exit')
    }
  }, 60_000)
})
