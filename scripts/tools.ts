// Finds the real tools that the tests use: on PATH, else built once with Go into a cache outside the clone.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { constants, homedir, setPriority } from 'node:os'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'

/** A tool that tests may ask for. */
export type ToolName =
  | 'containerd'
  | 'ctr'
  | 'helm3'
  | 'helm4'
  | 'crane'
  | 'kustomize'
  | 'registry3'
  | 'docker-registry'
  | 'skopeo'
  | 'podman'
  | 'htpasswd'
  | 'redis-server'
  | 'openssl'
  | 'versitygw'
  | 'chromium'
  | 'systemd-analyze'
  | 'nginx'
  | 'fake-gcs-server'
  | 'faketime'

/**
 * `accept` reads what the tool on PATH prints of its version; `ldflags` puts the version into the build. A tool without
 * a module comes with the system: `package` is its name there.
 */
interface Tool {
  readonly command: string
  /** What tests do with it, as the end of a sentence: said while it is built. */
  readonly why?: string
  readonly module?: string
  readonly package?: string
  readonly version: string
  readonly probe: readonly string[]
  readonly accept: RegExp
  readonly ldflags: string
}

const tools: Readonly<Record<ToolName, Tool>> = {
  helm3: {
    command: 'helm',
    why: 'renderings and commands are compared with Helm 3',
    module: 'helm.sh/helm/v3/cmd/helm',
    version: 'v3.22.0',
    probe: ['version', '--template', '{{.Version}}'],
    accept: /^v3\.(1[3-9]|[2-9]\d)\./,
    // As helm's releases are built: without these it renders for Kubernetes 1.20.
    ldflags: [
      '-X helm.sh/helm/v3/internal/version.version=v3.22.0',
      ...['chartutil', 'lint/rules'].flatMap((name) => [
        `-X helm.sh/helm/v3/pkg/${name}.k8sVersionMajor=1`,
        `-X helm.sh/helm/v3/pkg/${name}.k8sVersionMinor=37`,
      ]),
    ].join(' '),
  },
  helm4: {
    command: 'helm',
    why: 'renderings and commands are compared with Helm 4',
    module: 'helm.sh/helm/v4/cmd/helm',
    version: 'v4.3.1',
    probe: ['version', '--template', '{{.Version}}'],
    accept: /^v4\./,
    ldflags: '-X helm.sh/helm/v4/internal/version.version=v4.3.1',
  },
  crane: {
    command: 'crane',
    why: 'images are copied to and from its registry, and compared with what it copies',
    module: 'github.com/google/go-containerregistry/cmd/crane',
    version: 'v0.22.1',
    probe: ['version'],
    accept: /^v?0\.(2[0-9])\./,
    ldflags: '-X github.com/google/go-containerregistry/cmd/crane/cmd.Version=v0.22.1',
  },
  kustomize: {
    command: 'kustomize',
    why: 'what `emit` and `pull --rewrite-images` write is built with it',
    module: 'sigs.k8s.io/kustomize/kustomize/v5',
    version: 'v5.7.1',
    probe: ['version'],
    accept: /^v?5\.([7-9]|\d\d)\./,
    ldflags: '-X sigs.k8s.io/kustomize/api/provenance.version=v5.7.1',
  },
  registry3: {
    command: 'registry',
    why: 'images and charts are pushed to it and pulled from it',
    module: 'github.com/distribution/distribution/v3/cmd/registry',
    version: 'v3.1.2',
    probe: ['--version'],
    accept: / v?3\./,
    ldflags: '-X github.com/distribution/distribution/v3/version.version=v3.1.2',
  },
  versitygw: {
    command: 'versitygw',
    why: 'the stores of the server are tried on it, as on a bucket of S3',
    module: 'github.com/versity/versitygw/cmd/versitygw',
    version: 'v1.8.0',
    probe: ['--version'],
    accept: /Version *: v?1\.([89]|\d\d)\./,
    ldflags: '',
  },
  'fake-gcs-server': {
    command: 'fake-gcs-server',
    why: 'the store in Google Cloud Storage is tried on it',
    module: 'github.com/fsouza/fake-gcs-server',
    version: 'v1.56.1',
    probe: ['-h'],
    accept: /-public-host/,
    ldflags: '',
  },
  'docker-registry': {
    command: 'docker-registry',
    package: 'docker-registry',
    version: '2.8',
    probe: ['--version'],
    accept: / v?2\./,
    ldflags: '',
  },
  skopeo: {
    command: 'skopeo',
    package: 'skopeo',
    version: '1',
    probe: ['--version'],
    accept: /version 1\./,
    ldflags: '',
  },
  podman: {
    command: 'podman',
    package: 'podman',
    version: '4',
    probe: ['--version'],
    accept: /version [4-9]\./,
    ldflags: '',
  },
  containerd: {
    command: 'containerd',
    package: 'containerd',
    version: '1',
    probe: ['--version'],
    accept: /containerd/,
    ldflags: '',
  },
  'systemd-analyze': {
    command: 'systemd-analyze',
    package: 'systemd',
    version: '2',
    probe: ['--version'],
    accept: /^systemd 2/,
    ldflags: '',
  },
  ctr: {
    command: 'ctr',
    package: 'containerd',
    version: '1',
    probe: ['--version'],
    accept: /^ctr /,
    ldflags: '',
  },
  'redis-server': {
    command: 'redis-server',
    package: 'redis-server',
    version: '',
    probe: ['--version'],
    accept: /^(Redis|Valkey) server/i,
    ldflags: '',
  },
  htpasswd: {
    command: 'htpasswd',
    package: 'apache2-utils',
    version: '2',
    probe: ['-nbB', 'a', 'b'],
    accept: /^a:/,
    ldflags: '',
  },
  chromium: {
    command: 'chromium',
    package: 'chromium',
    version: '',
    probe: ['--version'],
    accept: /^Chromium /,
    ldflags: '',
  },
  nginx: {
    command: 'nginx',
    package: 'nginx-light',
    version: '1',
    probe: ['-v'],
    accept: /nginx\/1\./,
    ldflags: '',
  },
  faketime: {
    command: 'faketime',
    package: 'faketime',
    version: '0.9',
    probe: ['--version'],
    accept: /0\.9/,
    ldflags: '',
  },
  openssl: {
    command: 'openssl',
    package: 'openssl',
    version: '',
    probe: ['version'],
    accept: /^OpenSSL /,
    ldflags: '',
  },
}

const toolNames = Object.keys(tools) as ToolName[]

const cacheRoot = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'chartferry', 'tools')

function onPath(tool: Tool): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(folder, tool.command)
    if (folder === '' || !existsSync(file)) continue
    const probe = spawnSync(file, tool.probe, { encoding: 'utf8' })
    if (probe.status === 0 && tool.accept.test(`${probe.stdout}${probe.stderr}`.trim())) return file
  }
  return undefined
}

/** A folder a recipe: a changed recipe builds anew. */
function cacheFolder(tool: Tool): string {
  const recipe = createHash('sha256')
    .update(`${tool.module ?? tool.command}@${tool.version} ${tool.ldflags}`)
    .digest('hex')
  return join(cacheRoot, `${tool.command}-${tool.version}-${recipe.slice(0, 8)}`)
}

function builtTool(name: ToolName): string | undefined {
  const file = join(cacheFolder(tools[name]), tools[name].command)
  return existsSync(file) ? file : undefined
}

/** The path of a tool that is already there, or undefined. */
export function locateTool(name: ToolName): string | undefined {
  return builtTool(name) ?? onPath(tools[name])
}

/** Whether tools are being built by the process that `scripts/run.mjs` started beside the tests. */
export function areToolsComing(): boolean {
  const pid = Number(process.env.CHARTFERRY_TOOLS_PID)
  if (!(pid > 0)) return false
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** The path of a tool, waited for while it is being built; undefined where it cannot be had. */
export async function awaitTool(name: ToolName): Promise<string | undefined> {
  const present = locateTool(name)
  if (present !== undefined) return present
  while (builtTool(name) === undefined && areToolsComing()) await wait(200)
  return builtTool(name)
}

function goWorks(): boolean {
  const go = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' })
  const minor = /^go1\.(\d+)/.exec(go.stdout ?? '')?.[1]
  return go.status === 0 && Number(minor) >= 25
}

/** Gives the reason where it fails. */
function build(tool: Tool): Promise<string | undefined> {
  const folder = cacheFolder(tool)
  const aside = `${folder}.${process.pid}`
  mkdirSync(aside, { recursive: true })
  const args = ['install', '-trimpath', `-ldflags=-s -w ${tool.ldflags}`, `${tool.module}@${tool.version}`]
  const env = { ...process.env, CGO_ENABLED: '0', GOBIN: aside, GOFLAGS: '-buildvcs=false', GOTOOLCHAIN: 'local' }
  return new Promise((resolve) => {
    const child = spawn('go', args, { cwd: aside, env, stdio: ['ignore', 'ignore', 'pipe'] })
    let words = ''
    child.stderr.on('data', (chunk: Buffer) => {
      words = (words + chunk).slice(-4000)
    })
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code) => {
      if (code === 0 && readdirSync(aside).length > 0) {
        rmSync(folder, { recursive: true, force: true })
        renameSync(aside, folder)
        resolve(undefined)
      } else {
        rmSync(aside, { recursive: true, force: true })
        resolve(words.trim() || `go exited with ${code}`)
      }
    })
  })
}

/** Builds what is missing; gives what could not be had, with the reason. */
async function provideTools(say: (line: string) => void): Promise<readonly { name: ToolName; reason: string }[]> {
  const missing: { name: ToolName; reason: string }[] = []
  for (const name of toolNames) {
    if (locateTool(name) !== undefined) continue
    const tool = tools[name]
    if (tool.module === undefined) {
      missing.push({
        name,
        reason: `${tool.command} is not on PATH; on Debian: apt-get install ${tool.package ?? tool.command}`,
      })
      continue
    }
    if (!goWorks()) {
      missing.push({
        name,
        reason: `${tool.command} ${tool.version} is not on PATH, and Go 1.25 or later is not at hand to build it`,
      })
      continue
    }
    say(`building ${tool.command} ${tool.version} with Go, once, for some minutes: ${tool.why}; kept in ${cacheRoot}`)
    const failure = await build(tool)
    if (failure !== undefined) missing.push({ name, reason: failure })
  }
  return missing
}

if (process.argv[1] === import.meta.filename) {
  // Tests run meanwhile.
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
  const missing = await provideTools((line) => console.error(line))
  if (missing.length > 0) {
    const reasons = [...new Set(missing.map(({ reason }) => reason))].join('; ')
    console.error(`SKIPPED: every test that needs ${missing.map(({ name }) => name).join(' or ')}: ${reasons}`)
    process.exitCode = 1
  }
}
