// The whole surface of ChartMuseum, asked of a real one and of us in the same run: every difference must be one that is
// meant. CHARTMUSEUM_BIN names the real one.
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { parseIndexFile, parseYaml } from '@chartferry/core/helm'
import { formOf, provenanceOf } from '../kit/chartmuseum.ts'
import { buildArchive, buildChart } from '../kit/charts.ts'
import { type Answer, type AskOptions, ask } from '../kit/server.ts'

const real = process.env.CHARTMUSEUM_BIN
if (real === undefined) throw new Error('CHARTMUSEUM_BIN: the path of a real chartmuseum')
const ours = join(import.meta.dirname, '../../packages/cli/src/chartmuseum.ts')

interface Step {
  readonly title: string
  readonly path: string
  readonly options?: AskOptions
}

interface Scenario {
  readonly flags: readonly string[]
  readonly steps: readonly Step[]
}

/** Differences that are meant: where, and why. */
const meant: readonly (readonly [where: RegExp, why: string])[] = [
  [/^HEAD \S*\.tgz status$/, 'HEAD answers as GET does'],
  [/^offset alone/, 'offset without limit gives the rest'],
  [/^(symlink|60,000)/, 'archives with links and of too many files are refused'],
  [/^bad provenance/, 'a provenance file that is none is the client’s fault: 400'],
  [/^zip/, 'what is no chart file is not there: 404'],
  [/^delete again/, 'the error does not tell where the disk is'],
  [/^(bad archive|no archive|bad name|bad part) error$/, 'the words for what is no chart are ours'],
  [/^(info|no credentials \/info) body$/, 'the version is ours'],
  [
    /^(info|GET \/metrics) (type|status|body|error)$/,
    '/info and /metrics are what they are at depth 1 too, not the page of a repository',
  ],
  [/^welcome body$/, 'the page is ours'],
  [/^preflight/, 'browsers are answered'],
  [/^form prov with limit/, 'a form with a provenance works with --per-chart-limit'],
  [/^(templates|values) with chart url/, 'both work with --chart-url'],
  [/^form over the limit/, 'forms count for --max-storage-objects'],
  [/^too large (type|body|error)/, 'errors are JSON'],
]

function start(bin: 'real' | 'ours', flags: readonly string[], folder: string, port: number): ChildProcess {
  const args = [
    `--port=${port}`,
    '--listen-host=127.0.0.1',
    '--storage=local',
    `--storage-local-rootdir=${folder}`,
    ...flags,
  ]
  const [command, before] =
    bin === 'real' ? [real ?? '', []] : [process.execPath, ['--conditions=@chartferry/source', ours]]
  return spawn(command, [...before, ...args], { stdio: 'ignore' })
}

async function answering(url: string, path: string): Promise<void> {
  while ((await fetch(url + path).catch(() => undefined)) === undefined)
    await new Promise((done) => setTimeout(done, 20))
}

const times = new Set(['created', 'generated'])
const tidy = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (key, one: unknown) => (times.has(key) ? 'TIME' : one)))

/** What of an answer must be alike. */
function faceOf(answer: Answer, step: Step): Record<string, unknown> {
  const type = answer.headers['content-type']?.split(';')[0]
  const face: Record<string, unknown> = { status: answer.status, type }
  if (step.options?.method === 'HEAD') return { status: answer.status }
  if (answer.headers['www-authenticate'] !== undefined) face.challenge = answer.headers['www-authenticate']
  if (answer.headers['access-control-allow-origin'] !== undefined)
    face.origin = answer.headers['access-control-allow-origin']
  const text = answer.body.toString()
  if (type === 'application/json') {
    const body = JSON.parse(text) as Record<string, unknown>
    if (typeof body === 'object' && body !== null && 'error' in body) face.error = body.error
    else face.body = tidy(body)
  } else if (step.path.split('?')[0]?.endsWith('index.yaml') && answer.status === 200) {
    const { entries, serverInfo } = parseIndexFile(answer.body)
    face.body = tidy({ entries: Object.fromEntries(entries), serverInfo })
  } else if (type === 'application/x-yaml' || type === 'application/yaml') face.body = parseYaml(text)
  else face.body = createHash('sha256').update(answer.body).digest('hex')
  return face
}

const post = (body: Uint8Array | string, headers: Readonly<Record<string, string>> = {}): AskOptions => ({
  method: 'POST',
  body,
  headers,
})

const get = (path: string, title = `GET ${path}`, headers: Readonly<Record<string, string>> = {}): Step => ({
  title,
  path,
  options: { headers },
})
const head = (path: string): Step => ({ title: `HEAD ${path}`, path, options: { method: 'HEAD' } })

const chart = await buildChart({
  name: 'my-chart',
  version: '0.1.0',
  values: 'replicas: 1\nimage: {tag: "1.10"}\n',
  templates: { 'a.yaml': 'kind: A\n', '_helpers.tpl': '{{/* x */}}' },
  metadata: {
    description: 'A "chart": é',
    keywords: ['a', 'b'],
    maintainers: [{ name: 'M', email: 'm@x.y' }],
    appVersion: '1.10',
    home: 'https://x.y',
    annotations: { a: 'b' },
  },
})
const newer = await buildChart({ name: 'my-chart', version: '0.2.0-rc.1' })
const other = await buildChart({ name: 'other', version: '1.2.3+build.4', apiVersion: 'v1' })
const evil = await buildChart({ name: 'evil', metadata: { name: '../evil' } })
const links = await buildArchive([
  { name: 'l/Chart.yaml', data: 'apiVersion: v2\nname: l\nversion: 1.0.0\n' },
  { name: 'l/templates/x', type: '2', link: '/etc/passwd' },
])
const many = await buildArchive([
  { name: 'm/Chart.yaml', data: 'apiVersion: v2\nname: m\nversion: 1.0.0\n' },
  ...Array.from({ length: 60_000 }, (_, at) => ({ name: `m/f${at}` })),
])

function whole(prefix: string, repo: string): readonly Step[] {
  const [files, api] = [`${prefix}${repo}`, `${prefix}/api${repo}`]
  return [
    get(`${prefix}/`, 'welcome'),
    get(`${prefix}/info`, 'info'),
    get(`${prefix}/health`),
    get(`${files}/index.yaml`, 'empty index'),
    head(`${files}/index.yaml`),
    get(`${api}/charts`, 'no charts'),
    { title: 'push', path: `${api}/charts`, options: post(chart) },
    { title: 'push again', path: `${api}/charts`, options: post(chart) },
    { title: 'push forced', path: `${api}/charts?force`, options: post(chart) },
    { title: 'push newer', path: `${api}/charts`, options: post(newer) },
    { title: 'push other in a form', path: `${api}/charts`, options: { method: 'POST', ...formOf({ chart: other }) } },
    { title: 'form again', path: `${api}/charts`, options: { method: 'POST', ...formOf({ chart: other }) } },
    {
      title: 'form forced',
      path: `${api}/charts?force=true`,
      options: { method: 'POST', ...formOf({ chart: other }) },
    },
    { title: 'provenance', path: `${api}/prov`, options: post(provenanceOf('my-chart', '0.1.0')) },
    { title: 'provenance again', path: `${api}/prov`, options: post(provenanceOf('my-chart', '0.1.0')) },
    { title: 'provenance forced', path: `${api}/prov?force`, options: post(provenanceOf('my-chart', '0.1.0')) },
    {
      title: 'form with provenance alone',
      path: `${api}/charts`,
      options: { method: 'POST', ...formOf({ prov: provenanceOf('other', '1.2.3+build.4') }) },
    },
    get(`${files}/index.yaml`, 'index'),
    get(`${api}/charts`, 'all charts'),
    get(`${api}/charts?offset=1&limit=1`, 'one page'),
    get(`${api}/charts?limit=1`, 'first page'),
    get(`${api}/charts?offset=9&limit=1`, 'page behind the end'),
    get(`${api}/charts?offset=1`, 'offset alone'),
    get(`${api}/charts?offset=-1`, 'bad offset'),
    get(`${api}/charts?offset=x`, 'worse offset'),
    get(`${api}/charts?limit=0`, 'bad limit'),
    get(`${api}/charts/my-chart`),
    head(`${api}/charts/my-chart`),
    get(`${api}/charts/none`),
    get(`${api}/charts/my-chart/0.1.0`),
    head(`${api}/charts/my-chart/0.1.0`),
    get(`${api}/charts/my-chart/latest`),
    get(`${api}/charts/my-chart/%5E0.1.0`, 'a range'),
    get(`${api}/charts/my-chart/0.2.0-rc.1`),
    get(`${api}/charts/other/1.2.3+build.4`),
    get(`${api}/charts/my-chart/9.9.9`),
    get(`${api}/charts/none/0.1.0`),
    get(`${api}/charts/my-chart/0.1.0/templates`),
    get(`${api}/charts/my-chart/0.1.0/values`),
    get(`${api}/charts/my-chart/0.2.0-rc.1/values`, 'no values'),
    get(`${api}/charts/my-chart/9.9.9/values`),
    get(`${api}/charts/none/9.9.9/templates`),
    get(`${files}/charts/my-chart-0.1.0.tgz`),
    head(`${files}/charts/my-chart-0.1.0.tgz`),
    get(`${files}/charts/my-chart-0.1.0.tgz.prov`),
    get(`${files}/charts/other-1.2.3+build.4.tgz`),
    get(`${files}/charts/none-0.1.0.tgz`),
    get(`${files}/charts/none-0.1.0.tgz.prov`),
    get(`${files}/charts/my-chart-0.1.0.zip`, 'zip'),
    { title: 'bad archive', path: `${api}/charts`, options: post('no archive') },
    { title: 'no archive', path: `${api}/charts`, options: post('') },
    { title: 'bad part', path: `${api}/charts`, options: { method: 'POST', ...formOf({ chart: 'no archive' }) } },
    { title: 'no part', path: `${api}/charts`, options: { method: 'POST', ...formOf({ file: chart }) } },
    { title: 'bad provenance', path: `${api}/prov`, options: post('no provenance') },
    { title: 'bad name', path: `${api}/charts`, options: post(evil) },
    { title: 'symlink', path: `${api}/charts`, options: post(links) },
    { title: '60,000 members', path: `${api}/charts`, options: post(many) },
    { title: 'delete', path: `${api}/charts/my-chart/0.1.0`, options: { method: 'DELETE' } },
    { title: 'delete again', path: `${api}/charts/my-chart/0.1.0`, options: { method: 'DELETE' } },
    get(`${api}/charts/my-chart/0.1.0`, 'deleted'),
    get(`${files}/charts/my-chart-0.1.0.tgz.prov`, 'deleted provenance'),
    get(`${files}/nothing`),
    get(`${api}/nothing`),
    { title: 'DELETE charts', path: `${api}/charts`, options: { method: 'DELETE' } },
    { title: 'PUT', path: `${api}/charts`, options: { method: 'PUT', body: chart } },
    { title: 'POST index', path: `${files}/index.yaml`, options: post('') },
    { title: 'preflight', path: `${api}/charts`, options: { method: 'OPTIONS' } },
    get(`${files}/artifacthub-repo.yml`),
    get('/metrics'),
  ]
}

const folder = await mkdtemp(join(tmpdir(), 'chartferry-surface-'))
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
await writeFile(join(folder, 'auth.pem'), publicKey.export({ type: 'spki', format: 'pem' }))
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
function token(actions: readonly string[]): string {
  const access = [{ type: 'artifact-repository', name: 'org/repo', actions }]
  const text = `${encode({ alg: 'RS256' })}.${encode({ access, exp: Math.floor(Date.now() / 1000) + 3600 })}`
  return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`
}
const [puller, pusher] = [token(['pull']), token(['pull', 'push'])]
const basic = (text: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(text).toString('base64')}`,
})
const bearer = (text: string): Record<string, string> => ({ authorization: `Bearer ${text}` })

const scenarios: readonly Scenario[] = [
  { flags: [], steps: whole('', '') },
  { flags: ['--depth=1'], steps: whole('', '/org') },
  {
    flags: ['--depth=3', '--context-path=/a/b'],
    steps: [...whole('/a/b', '/org/team/repo'), get('/health', 'outside')],
  },
  {
    flags: ['--depth-dynamic'],
    steps: [...whole('', '/org/repo').slice(3), get('/other/index.yaml', 'another depth')],
  },
  { flags: ['--allow-overwrite', '--json-index', '--cors-alloworigin=*'], steps: whole('', '') },
  { flags: ['--disable-force-overwrite', '--disable-delete'], steps: whole('', '') },
  { flags: ['--disable-api'], steps: whole('', '') },
  {
    flags: ['--chart-url=https://x.test/y', '--depth=1'],
    steps: [
      { title: 'push', path: '/api/org/charts', options: post(chart) },
      get('/org/index.yaml', 'index with chart url'),
      get('/api/org/charts/my-chart/0.1.0', 'version with chart url'),
      get('/api/org/charts/my-chart/0.1.0/values', 'values with chart url'),
      get('/api/org/charts/my-chart/0.1.0/templates', 'templates with chart url'),
    ],
  },
  {
    flags: ['--max-storage-objects=1'],
    steps: [
      { title: 'push', path: '/api/charts', options: post(chart) },
      { title: 'push over the limit', path: '/api/charts', options: post(other) },
      { title: 'push over the limit, forced', path: '/api/charts?force', options: post(chart) },
      { title: 'provenance over the limit', path: '/api/prov', options: post(provenanceOf('my-chart', '0.1.0')) },
      { title: 'form over the limit', path: '/api/charts', options: { method: 'POST', ...formOf({ chart: other }) } },
    ],
  },
  {
    flags: ['--per-chart-limit=1'],
    steps: [
      { title: 'push', path: '/api/charts', options: post(chart) },
      { title: 'push beyond the limit', path: '/api/charts', options: post(newer) },
      get('/charts/my-chart-0.1.0.tgz', 'the old version'),
      get('/charts/my-chart-0.2.0-rc.1.tgz', 'the new version'),
      {
        title: 'form prov with limit',
        path: '/api/charts',
        options: { method: 'POST', ...formOf({ prov: provenanceOf('x', '1.0.0') }) },
      },
    ],
  },
  {
    flags: ['--max-upload-size=300'],
    steps: [
      { title: 'too large', path: '/api/charts', options: post(chart) },
      { title: 'too large', path: '/api/charts', options: { method: 'POST', ...formOf({ chart }) } },
    ],
  },
  {
    flags: ['--chart-post-form-field-name=c', '--prov-post-form-field-name=p'],
    steps: [
      {
        title: 'custom fields',
        path: '/api/charts',
        options: { method: 'POST', ...formOf({ c: chart, p: provenanceOf('my-chart', '0.1.0') }) },
      },
      get('/charts/my-chart-0.1.0.tgz', 'custom fields: archive'),
      get('/api/charts', 'custom fields: listed'),
      { title: 'no custom part', path: '/api/charts', options: { method: 'POST', ...formOf({ x: chart }) } },
    ],
  },
  {
    flags: ['--artifact-hub-repo-id=abc-1'],
    steps: [get('/artifacthub-repo.yml', 'artifact hub')],
  },
  {
    flags: ['--basic-auth-user=u', '--basic-auth-pass=p'],
    steps: [
      ...['/', '/index.yaml', '/api/charts', '/charts/a-1.0.0.tgz', '/info', '/health'].flatMap((path) => [
        get(path, `no credentials ${path}`),
        get(path, `wrong credentials ${path}`, basic('u:x')),
        ...(path === '/' || path === '/info' ? [] : [get(path, `right credentials ${path}`, basic('u:p'))]),
      ]),
      { title: 'push without', path: '/api/charts', options: post(chart) },
      { title: 'push with', path: '/api/charts', options: post(chart, basic('u:p')) },
      { title: 'delete without', path: '/api/charts/my-chart/0.1.0', options: { method: 'DELETE' } },
    ].filter(({ title }) => !/credentials \/(info)?$/.test(title) || title.startsWith('no')),
  },
  {
    flags: ['--basic-auth-user=u', '--basic-auth-pass=p', '--auth-anonymous-get'],
    steps: [
      get('/index.yaml', 'anonymous index'),
      { title: 'anonymous push', path: '/api/charts', options: post(chart) },
      { title: 'push', path: '/api/charts', options: post(chart, basic('u:p')) },
    ],
  },
  {
    flags: [
      '--bearer-auth',
      '--auth-realm=https://a.test/t',
      '--auth-service=s',
      `--auth-cert-path=${join(folder, 'auth.pem')}`,
      '--depth=2',
    ],
    steps: [
      get('/org/repo/index.yaml', 'no token'),
      get('/org/repo/index.yaml', 'token', bearer(puller)),
      get('/org/other/index.yaml', 'token of another', bearer(puller)),
      get('/', 'token at the root', bearer('x')),
      { title: 'push with a token to pull', path: '/api/org/repo/charts', options: post(chart, bearer(puller)) },
      { title: 'push with a token to push', path: '/api/org/repo/charts', options: post(chart, bearer(pusher)) },
      get('/api/org/repo/charts', 'bad token', bearer(`${puller.slice(0, -4)}AAAA`)),
    ],
  },
]

let compared = 0
let unexpected = 0
const found = new Map<string, Set<string>>()
let port = 18_200 + (process.pid % 1000)
for (const { flags, steps } of scenarios) {
  const places = [join(folder, `real${port}`), join(folder, `ours${port}`)]
  const ports = [port++, port++]
  const children = [
    start('real', flags, places[0] ?? '', ports[0] ?? 0),
    start('ours', flags, places[1] ?? '', ports[1] ?? 0),
  ]
  const urls = ports.map((one) => `http://127.0.0.1:${one}`)
  for (const url of urls) await answering(url, '/health')
  for (const step of steps) {
    const [theirs, mine] = await Promise.all(urls.map((url) => ask(url, step.path, step.options)))
    if (theirs === undefined || mine === undefined) continue
    const [a, b] = [faceOf(theirs, step), faceOf(mine, step)]
    for (const part of new Set([...Object.keys(a), ...Object.keys(b)])) {
      compared++
      if (isDeepStrictEqual(a[part], b[part])) continue
      const where = `${step.title} ${part}`
      const reason = meant.find(([pattern]) => pattern.test(where))?.[1]
      if (reason === undefined) {
        unexpected++
        console.log(
          `NOT MEANT  ${flags.join(' ')}  ${where}\n   there ${JSON.stringify(a[part])?.slice(0, 600)}\n   here  ${JSON.stringify(b[part])?.slice(0, 600)}`,
        )
      } else
        found.set(
          reason,
          (found.get(reason) ?? new Set()).add(
            `${where}: ${JSON.stringify(a[part])?.slice(0, 60)} -> ${JSON.stringify(b[part])?.slice(0, 60)}`,
          ),
        )
    }
  }
  for (const child of children) {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
}
await rm(folder, { recursive: true, force: true })
console.log(`${compared} parts of answers compared in ${scenarios.length} configurations`)
for (const [, reason] of meant) if (!found.has(reason)) console.log(`no difference any more: ${reason}`)
for (const [reason, places] of found) console.log(`meant: ${reason}\n   ${[...places].slice(0, 4).join('\n   ')}`)
console.log(`${unexpected} differences that are not meant`)
process.exitCode = unexpected === 0 ? 0 : 1
