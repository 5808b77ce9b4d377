// What `chartferry emit` writes, read by the tools that it is written for.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openRegistries } from '@chartferry/core/oci'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildChart } from '../kit/charts.ts'
import { runChartferry } from '../kit/command.ts'
import { type Containerd, openContainerd } from '../kit/containerd.ts'
import { layerOf, pushImage } from '../kit/images.ts'
import { startRegistry, type TestRegistry } from '../kit/registry.ts'
import { describeWithTools } from '../kit/tools.ts'

const run = promisify(execFile)
const digest = `sha256:${'b'.repeat(64)}`

/** As a chart may spell its images, and as they are at registry.corp:5000/mirror. */
const spellings: readonly (readonly [string, string])[] = [
  ['nginx:1.25', 'library/nginx:1.25'],
  ['library/nginx:1.25', 'library/nginx:1.25'],
  ['docker.io/nginx', 'library/nginx'],
  ['docker.io/library/nginx:1.25', 'library/nginx:1.25'],
  ['docker.io/grafana/grafana:11', 'grafana/grafana:11'],
  [`quay.io/acme/web@${digest}`, `acme/web@${digest}`],
  [`quay.io/acme/web:2@${digest}`, `acme/web:2@${digest}`],
  ['reg.example:8443/a.b/c_d:1.10', 'a.b/c_d:1.10'],
]
const moved = spellings.map(([, path]) => `registry.corp:5000/mirror/${path}`).sort()

const template = spellings
  .map(
    ([image], at) =>
      `apiVersion: v1\nkind: Pod\nmetadata:\n  name: pod-${at}\n${at === 0 ? '  annotations: {"helm.sh/hook": post-install}\n' : ''}spec: {containers: [{name: a, image: "${image}"}]}\n`,
  )
  .join('---\n')

function imagesOf(text: string): readonly string[] {
  return [...text.matchAll(/^\s*(?:- )?image: (\S+)$/gm)].map((match) => match[1] ?? '').sort()
}

let folder: string
let chart: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartferry-emit-'))
  chart = join(folder, 'web-1.0.0.tgz')
  await writeFile(chart, await buildChart({ name: 'web', templates: { 'pods.yaml': template } }))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Runs `chartferry emit` for the chart, into a new folder. */
async function emit(format: string, ...flags: readonly string[]): Promise<string> {
  const out = await mkdtemp(join(folder, `${format}-`))
  const target = flags.includes('--to') ? [] : ['--to', 'registry.corp:5000/mirror']
  const { code, stderr } = await runChartferry(['emit', format, chart, ...target, '-d', out, ...flags])
  expect(code, stderr).toBe(0)
  return out
}

describeWithTools('kustomize and helm', ['kustomize', 'helm3', 'helm4'], ({ kustomize, helm3, helm4 }) => {
  const env = { ...process.env, PATH: `${join(kustomize, '..')}:${process.env.PATH}` }

  it('kustomize build shows just the mapped images, from the list and from the component', async () => {
    const rendered = (await run(helm3, ['template', 'web', chart])).stdout
    const list = await emit('kustomize')
    await writeFile(join(list, 'all.yaml'), rendered)
    const images = await readFile(join(list, 'images.yaml'), 'utf8')
    await writeFile(join(list, 'kustomization.yaml'), `resources: [all.yaml]\n${images}`)
    expect(imagesOf((await run(kustomize, ['build', list])).stdout)).toEqual(moved)

    const component = await emit('component')
    const overlay = await mkdtemp(join(folder, 'overlay-'))
    await writeFile(join(overlay, 'all.yaml'), rendered)
    const path = `../${component.slice(folder.length + 1)}`
    await writeFile(join(overlay, 'kustomization.yaml'), `resources: [all.yaml]\ncomponents: [${path}]\n`)
    expect(imagesOf((await run(kustomize, ['build', overlay])).stdout)).toEqual(moved)
  })

  it('helm 3 takes the post-renderer by its path, helm 4 as a plugin', async () => {
    const renderer = await emit('post-renderer')
    const script = join(renderer, 'post-render.sh')
    const three = await run(helm3, ['template', 'web', chart, '--post-renderer', script], { env })
    expect(imagesOf(three.stdout)).toEqual(moved.slice(0, -1))
    // The hook of the chart never comes to a post-renderer of Helm 3.
    expect(three.stdout).toContain('image: "nginx:1.25"')
    const home = await mkdtemp(join(folder, 'helm4-'))
    const helm4Env = { ...env, HELM_DATA_HOME: home, HELM_CACHE_HOME: home, HELM_CONFIG_HOME: home }
    await run(helm4, ['plugin', 'install', renderer], { env: helm4Env })
    const four = await run(helm4, ['template', 'web', chart, '--post-renderer', 'private-images'], { env: helm4Env })
    expect(imagesOf(four.stdout)).toEqual(moved)
    expect(four.stdout).toContain('helm.sh/hook: post-install')
  })

  it('helm template with the values file names the same images as the relocated chart', async () => {
    const file = join(folder, 'shop-1.0.0.tgz')
    await writeFile(
      file,
      await buildChart({
        name: 'shop',
        values: 'image: {repository: grafana/grafana, tag: 1.10}\n',
        templates: {
          'p.yaml': `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    image: {{ .Values.image.repository }}:{{ .Values.image.tag }}\n`,
        },
      }),
    )
    const { code, stdout } = await runChartferry(['emit', 'values', file, '--to', 'registry.corp:5000/mirror'])
    expect(code).toBe(0)
    const values = join(folder, 'values.yaml')
    await writeFile(values, stdout)
    for (const helm of [helm3, helm4])
      expect(imagesOf((await run(helm, ['template', 'shop', file, '-f', values])).stdout)).toEqual([
        'registry.corp:5000/mirror/grafana/grafana:1.1',
      ])
  })
})

describe('chartferry emit', () => {
  it('names what a values file cannot say, and writes nothing then', async () => {
    const refused = await runChartferry(['emit', 'values', chart, '--to', 'registry.corp:5000/mirror'])
    expect(refused.code).toBe(7)
    expect(refused.stdout).toBe('')
    expect(refused.stderr).toContain('reg.example:8443/a.b/c_d:1.10: ')
    const allowed = await runChartferry([
      'emit',
      'values',
      chart,
      '--to',
      'registry.corp:5000/mirror',
      '--allow-unresolved',
    ])
    expect([allowed.code, allowed.stdout]).toEqual([0, '{}\n'])
  })

  it('says by the chart’s own value that its images are meant, and names a chart that refuses them otherwise', async () => {
    const pod = `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: "{{ .Values.image }}"}]}\n`
    const guard = `{{- if not (or (contains .Values.image .Chart.Annotations.images) (dig "security" "allowInsecureImages" false .Values.global)) }}{{ fail "unknown image: see global.security.allowInsecureImages" }}{{ end }}\n`
    const write = async (name: string, global: string): Promise<string> => {
      const file = join(folder, `${name}-1.0.0.tgz`)
      const metadata = { annotations: { images: '- name: web\n  image: docker.io/acme/web:1\n' } }
      const values = `global: ${global}image: docker.io/acme/web:1\n`
      await writeFile(file, await buildChart({ name, values, metadata, templates: { 'p.yaml': guard + pod } }))
      return file
    }
    const lifted = await write('lifted', '\n  security:\n    allowInsecureImages: false\n')
    const { code, stdout, stderr } = await runChartferry(['emit', 'values', lifted, '--to', 'registry.corp:5000'])
    expect(code, stderr).toBe(0)
    expect(stdout).toContain('allowInsecureImages: true')
    const closed = await runChartferry(['emit', 'values', await write('closed', '{}\n'), '--to', 'registry.corp:5000'])
    expect([closed.code, closed.stderr]).toEqual([7, expect.stringContaining('with these values it does not render')])
  })

  it('merges with a file that is there, and loses nothing where it replaces one', async () => {
    const file = join(folder, 'daemon.json')
    const before = '{"data-root": "/d"}'
    await writeFile(file, before)
    const merge = ['emit', 'docker', '--image', 'nginx:1', '--to', 'registry.corp:5000', '--merge', file]
    expect((await runChartferry(merge)).code).toBe(0)
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      'data-root': '/d',
      'registry-mirrors': ['https://registry.corp:5000'],
    })
    expect(await readFile(`${file}~`, 'utf8')).toBe(before)

    const out = await emit('registries')
    const replaced = await runChartferry([
      'emit',
      'registries',
      chart,
      '--to',
      'other.corp',
      '--name',
      'web',
      '-d',
      out,
    ])
    expect(replaced.stderr).toContain('web.conf: it was there already')
    expect((await readdir(out)).sort()).toEqual(['web.conf', 'web.conf~'])
  })

  it('says which formats there are', async () => {
    const { code, stderr } = await runChartferry(['emit', 'helmfile', chart, '--to', 'r.corp'])
    expect(code).toBe(2)
    expect(stderr).toContain('Known formats: values, argocd-helm, images-lock, list, kustomize')
  })
})

describeWithTools('nodes', ['containerd', 'ctr', 'skopeo', 'podman'], ({ containerd, ctr, skopeo, podman }) => {
  let mirror: TestRegistry
  let daemon: Containerd
  beforeAll(async () => {
    mirror = await startRegistry()
    const registries = openRegistries()
    for (const path of ['library/nginx', 'acme/web']) {
      await pushImage(registries.repository(`${mirror.host}/mirror/${path}`), {
        tag: '1',
        layers: [layerOf(path, 100)],
      })
      await pushImage(registries.repository(`${mirror.host}/${path}`), { tag: '1', layers: [layerOf(path, 100)] })
    }
    await registries.close()
    daemon = await openContainerd({ containerd, ctr })
  }, 60_000)
  afterAll(async () => {
    await daemon?.close()
    await mirror?.close()
  })
  const write = async (format: string, to: string): Promise<string> => {
    const out = await mkdtemp(join(folder, `${format}-`))
    const { code, stderr } = await runChartferry([
      'emit',
      format,
      '--image',
      'nginx:1',
      '--image',
      'nowhere.invalid:8443/acme/web:1',
      '--to',
      to,
      '--plain-http',
      '--mirror-only',
      '--name',
      'web',
      '-d',
      out,
    ])
    expect(code, stderr).toBe(0)
    return out
  }

  it.each(['', '/mirror'])(
    'containerd finds images by hosts.toml, and never asks elsewhere: a mirror at "%s"',
    async (path) => {
      const out = await write('hosts', `${mirror.host}${path}`)
      mirror.forget()
      await daemon.fetch('docker.io/library/nginx:1', out)
      await daemon.fetch('nowhere.invalid:8443/acme/web:1', out)
      // Under the mirror's own name it is spoken to by http, too.
      await daemon.fetch(`${mirror.host}/mirror/acme/web:1`, out)
      expect(mirror.count(new RegExp(`^(GET|HEAD) /v2${path}/library/nginx/manifests/`))).toBeGreaterThan(0)
      await expect(daemon.fetch('docker.io/library/missing:1', out)).rejects.toThrow(/not found/)
    },
  )

  it.each(['', '/mirror'])('skopeo and podman find them by registries.conf: a mirror at "%s"', async (path) => {
    const out = await write('registries', `${mirror.host}${path}`)
    const env = { ...process.env, CONTAINERS_REGISTRIES_CONF: join(out, 'web.conf') }
    const conf = ['--registries-conf', join(out, 'web.conf')]
    for (const image of ['docker.io/library/nginx:1', 'nowhere.invalid:8443/acme/web:1']) {
      const { stdout } = await run(skopeo, [...conf, 'inspect', '--raw', `docker://${image}`], { env })
      expect(JSON.parse(stdout)).toHaveProperty('layers')
    }
    await expect(
      run(skopeo, [...conf, 'inspect', '--raw', 'docker://docker.io/library/missing:1'], { env }),
    ).rejects.toThrow(new RegExp(`manifest unknown|MANIFEST_UNKNOWN|${mirror.host}`, 'i'))
    const root = await mkdtemp(join(folder, 'podman-'))
    await mkdir(join(root, 'run'))
    const store = ['--root', root, '--runroot', join(root, 'run'), '--storage-driver', 'vfs']
    mirror.forget()
    await run(podman, [...store, 'pull', '--quiet', 'nowhere.invalid:8443/acme/web:1'], { env }).catch(() => {})
    expect(mirror.count(new RegExp(`GET /v2${path}/acme/web/blobs/`))).toBeGreaterThan(0)
  })
})
