// Plain manifests and kustomizations as sources, on the command line, with what kustomize itself makes of the result.
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { openRegistries } from '@chartferry/core/oci'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runChartferry } from '../kit/command.ts'
import { layerOf, pushImage } from '../kit/images.ts'
import { startRegistry } from '../kit/registry.ts'
import { describeWithTools } from '../kit/tools.ts'

const run = promisify(execFile)
const digest = `sha256:${'b'.repeat(64)}`

const files: Readonly<Record<string, string>> = {
  'base/kustomization.yaml': `# what every place has
resources: [web.yaml, operator.yaml, ../shared]
images:
- name: controller # set by make
  newName: quay.io/acme/controller
  newTag: v2
`,
  // Windows line ends, an anchor, a hook of comments.
  'base/web.yaml': [
    '# the web',
    'apiVersion: apps/v1',
    'kind: Deployment',
    'metadata: {name: web}',
    'spec:',
    '  selector: {matchLabels: {a: b}}',
    '  template:',
    '    metadata: {labels: {a: b}}',
    '    spec:',
    '      initContainers:',
    '      - {name: i, image: &img "nginx:1.25"} # first',
    '      containers:',
    '      - name: a',
    '        image: *img',
    `      - {name: p, image: 'quay.io/acme/side@${digest}', args: ["--helper=quay.io/acme/helper:3 and quay.io/acme/helper:3"]}`,
    '---',
    'apiVersion: v1',
    'kind: ConfigMap',
    'metadata: {name: settings}',
    'data:',
    '  note: see quay.io for more',
    '  config.yaml: |',
    '    agent:',
    '      image: quay.io/acme/agent:1',
    '',
  ].join('\r\n'),
  'base/operator.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: manager}
spec:
  selector: {matchLabels: {a: c}}
  template:
    metadata: {labels: {a: c}}
    spec: {containers: [{name: manager, image: controller:latest}]}
---
apiVersion: v1
kind: List
items:
- apiVersion: batch/v1
  kind: CronJob
  metadata: {name: night}
  spec:
    schedule: 0 0 * * *
    jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: n, image: reg.example:8443/a.b/c_d:1.10}]}}}}
---
apiVersion: monitoring.example/v1
kind: Scraper
metadata: {name: s}
spec:
  baseImage: {registry: quay.io, repository: acme/scraper, tag: "4"}
`,
  'shared/kustomization.yaml': 'resources: [pod.json]\n',
  'shared/pod.json':
    '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "j"},\n "spec": {"containers": [{"name": "c", "image": "docker.io/library/busybox:1"}]}}\n',
  'prod/kustomization.yaml': `resources:
- ../base
images:
- name: nginx
  newTag: "1.27"   # newer here
- {name: docker.io/library/busybox, digest: ${digest}}
patches:
- path: patch.yaml
- target: {kind: Deployment, name: manager}
  patch: |-
    - op: add
      path: /spec/template/spec/containers/-
      value: {name: extra, image: "ghcr.io/acme/extra:5"}
`,
  'prod/patch.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: a, env: [{name: MODE, value: prod}]}, {name: late, image: grafana/grafana:11}]}}}
`,
  'compose.yaml': 'services: {web: {image: nginx:1.25}}\n',
  'README.md': 'nginx:1.25\n',
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartferry-manifests-'))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, 'k8s', path)), { recursive: true })
    await writeFile(join(folder, 'k8s', path), text)
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const imagesOf = (text: string): readonly string[] =>
  [...text.matchAll(/image: "?([^\s",}]+)/g)].map((match) => match[1] ?? '').sort()

const target = ['--to', 'r.corp:5000/m'] as const

describeWithTools('manifests and kustomize', ['kustomize'], ({ kustomize }) => {
  const build = async (place: string): Promise<string> => (await run(kustomize, ['build', place])).stdout

  it('a relocated folder builds what it built before, with the names at the target', async () => {
    const before = await build(join(folder, 'k8s/prod'))
    const out = join(folder, 'out')
    const { code, stderr } = await runChartferry(['relocate', join(folder, 'k8s'), ...target, '-d', out])
    expect(code, stderr).toBe(0)
    const after = await build(join(out, 'prod'))
    const moves: readonly (readonly [string, string])[] = [
      ['nginx:1.27', 'library/nginx:1.27'],
      [`docker.io/library/busybox@${digest}`, `library/busybox@${digest}`],
      ['quay.io/acme/controller:v2', 'acme/controller:v2'],
      [`quay.io/acme/side@${digest}`, `acme/side@${digest}`],
      ['quay.io/acme/helper:3', 'acme/helper:3'],
      ['quay.io/acme/agent:1', 'acme/agent:1'],
      ['reg.example:8443/a.b/c_d:1.10', 'a.b/c_d:1.10'],
      ['ghcr.io/acme/extra:5', 'acme/extra:5'],
      ['grafana/grafana:11', 'grafana/grafana:11'],
      ['registry: quay.io', 'registry: r.corp:5000/m'],
    ]
    const expected = moves.reduce(
      (text, [from, to]) => text.replaceAll(from, to.startsWith('registry') ? to : `r.corp:5000/m/${to}`),
      before,
    )
    expect(after).toBe(expected)
    for (const image of imagesOf(after)) expect(image).toMatch(/^r\.corp:5000\/m\//)

    // The stand-in that `kustomize edit set image` looks for stays, and so does whatever is no manifest.
    expect(await readFile(join(out, 'base/operator.yaml'), 'utf8')).toContain('image: controller:latest')
    expect(await readFile(join(out, 'base/kustomization.yaml'), 'utf8')).toBe(
      files['base/kustomization.yaml']?.replace('quay.io/acme/controller', 'r.corp:5000/m/acme/controller'),
    )
    expect(await readFile(join(out, 'compose.yaml'), 'utf8')).toBe(files['compose.yaml'])
    expect(await readFile(join(out, 'README.md'), 'utf8')).toBe(files['README.md'])
    const web = await readFile(join(out, 'base/web.yaml'), 'utf8')
    expect(web).toContain('image: &img "r.corp:5000/m/library/nginx:1.25"} # first\r\n')
    expect(web).toContain('--helper=r.corp:5000/m/acme/helper:3 and r.corp:5000/m/acme/helper:3"')
  })

  it('images lists what kustomize builds, and no stand-in', async () => {
    const { code, stdout } = await runChartferry(['images', join(folder, 'k8s'), '--json'])
    expect(code).toBe(0)
    const { images } = JSON.parse(stdout) as { images: { image: string }[] }
    const pods = new Set(imagesOf(await build(join(folder, 'k8s/prod'))))
    const listed = images.map(({ image }) => image)
    for (const image of pods) expect(listed).toContain(image)
    expect(listed).not.toContain('controller:latest')
    expect(listed).not.toContain('nginx:1.25')
    expect(listed).toContain('quay.io/acme/scraper:4')
  })
})

describe('chartferry relocate of manifests', () => {
  it('edits in place, and a second time changes nothing', async () => {
    const place = join(folder, 'again')
    await cp(join(folder, 'k8s'), place, { recursive: true })
    const first = await runChartferry(['relocate', place, ...target, '--in-place'])
    expect(first.code, first.stderr).toBe(0)
    const paths = Object.keys(files)
    const read = () => Promise.all(paths.map((path) => readFile(join(place, path), 'utf8')))
    const once = await read()
    const second = await runChartferry(['relocate', place, ...target, '--in-place', '--json'])
    expect(second.code, second.stderr).toBe(0)
    expect(await read()).toEqual(once)
    expect(JSON.parse(second.stdout).manifests[0].written).toEqual([])
  })

  it('takes an overlay whose base is elsewhere only when told to, and names what is missing', async () => {
    const flags = ['relocate', join(folder, 'k8s/prod'), ...target, '-d', join(folder, 'overlay')]
    const refused = await runChartferry(flags)
    expect(refused.code).toBe(7)
    expect(refused.stderr).toContain('kustomization.yaml: ../base is not in this folder')
    const taken = await runChartferry([...flags, '--allow-unresolved'])
    expect(taken.code, taken.stderr).toBe(0)
    expect(taken.stdout).toContain('proven in part')
  })

  it('reads a URL and standard input, and refuses flags that are of charts', async () => {
    const { createServer } = await import('node:http')
    const server = createServer((_, response) => response.end(files['base/operator.yaml']))
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const address = server.address()
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/install.yaml`
    const out = join(folder, 'fetched')
    const fetched = await runChartferry(['relocate', url, ...target, '-d', out])
    await new Promise((done) => server.close(done))
    expect(fetched.code, fetched.stderr).toBe(0)
    expect(await readFile(join(out, 'install.yaml'), 'utf8')).toContain('r.corp:5000/m/a.b/c_d:1.10')

    const shell = `cat '${join(folder, 'k8s/shared/pod.json')}' | "$0" --conditions=@chartferry/source '${join(import.meta.dirname, '../../packages/cli/src/bin.ts')}' relocate - --to r.corp:5000/m`
    const piped = await run('/bin/sh', ['-ec', shell, process.execPath])
    expect(piped.stdout).toBe(
      files['shared/pod.json']?.replace('docker.io/library/busybox', 'r.corp:5000/m/library/busybox'),
    )

    const wrong = await runChartferry(['relocate', join(folder, 'k8s'), ...target, '-d', out, '--pin-digests'])
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toContain('--pin-digests goes with charts')
  })
})

describe('copies and bundles of manifests', () => {
  it('copies what runs, and a bundle carries the manifests along', async () => {
    const [source, far] = [await startRegistry(), await startRegistry()]
    const registries = openRegistries()
    await pushImage(registries.repository(`${source.host}/acme/web`), { tag: '2', layers: [layerOf('web', 100)] })
    const place = join(folder, 'small')
    await mkdir(place)
    await writeFile(
      join(place, 'pod.yaml'),
      'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: web:dev}]}\n',
    )
    await writeFile(
      join(place, 'kustomization.yaml'),
      `resources: [pod.yaml]\nimages: [{name: web, newName: "${source.host}/acme/web", newTag: "2"}]\n`,
    )
    const copied = await runChartferry(['copy', '--chart', place, '--to', `${far.host}/m`])
    expect(copied.code, copied.stderr).toBe(0)
    const repository = registries.repository(`${far.host}/m/acme/web`)
    expect((await repository.resolve('2')).size).toBeGreaterThan(0)

    const file = join(folder, 'all.ferry')
    const made = await runChartferry([
      'bundle',
      'create',
      place,
      join(place, 'pod.yaml'),
      '--file',
      file,
      '--no-images',
    ])
    expect(made.code, made.stderr).toBe(0)
    const whole = await runChartferry(['bundle', 'create', place, '--file', file])
    expect(whole.code, whole.stderr).toBe(0)
    const pushed = await runChartferry(['bundle', 'push', file, '--to', `${far.host}/b`])
    expect(pushed.code, pushed.stderr).toBe(0)
    expect((await registries.repository(`${far.host}/b/acme/web`).resolve('2')).size).toBeGreaterThan(0)
    const out = join(folder, 'extracted')
    expect((await runChartferry(['bundle', 'extract', file, '-d', out])).code).toBe(0)
    await run('tar', ['xzf', join(out, 'small.manifests.tgz'), '-C', out])
    const there = await runChartferry(['relocate', join(out, 'small'), '--to', `${far.host}/b`, '--in-place'])
    expect(there.code, there.stderr).toBe(0)
    expect(await readFile(join(out, 'small/kustomization.yaml'), 'utf8')).toContain(`${far.host}/b/acme/web`)
    await registries.close()
    await far.close()
    await source.close()
  })
})
