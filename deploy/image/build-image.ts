// Builds the image of chartferry without a daemon: a layer with Node and the libraries it needs, one with the program.
import { execFileSync } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Digest, digestOf } from '@chartferry/core'
import { credentialFiles } from '@chartferry/core/internal'
import {
  canonicalReference,
  copyImages,
  type Descriptor,
  mediaTypes,
  openLayout,
  openRegistries,
  parseReference,
  type Registries,
} from '@chartferry/core/oci'
import { readBase } from './base.ts'
import { filesOf, type Layer, type LayerEntry, writeLayer } from './layer.ts'

const root = join(import.meta.dirname, '../..')
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }
/** Who the program runs as: nobody of the host, and the same number on every machine. */
const user = 65_532
const home = '/var/lib/chartferry'

export interface BuildImageOptions {
  /** A folder that becomes an OCI image layout. */
  readonly layout: string
  readonly tag: string
  /** An image to build upon, which then brings the C library. Default: none, the libraries of this machine. */
  readonly base?: string
}

/** Builds the image for this machine's platform into a layout. The packages must have been built: `pnpm build`. */
export async function buildImage({ layout, tag, base }: BuildImageOptions): Promise<Descriptor> {
  const sink = openLayout(layout)
  const work = await mkdtemp(join(tmpdir(), 'chartferry-image-'))
  const architecture = architectures[process.arch] ?? process.arch
  const registries = openLoggedIn()
  try {
    const below = base === undefined ? undefined : await readBase(registries, base, { os: 'linux', architecture })
    if (below !== undefined) for (const layer of below.layers) await sink.push(layer, await below.fetch(layer))
    const layers: Layer[] = [
      await writeLayer(await runtimeEntries(below === undefined), join(work, 'runtime')),
      await writeLayer(await programEntries(join(work, 'program')), join(work, 'app')),
    ]
    for (const { descriptor, file } of layers) await sink.push(descriptor, createReadStream(file))
    const diffIds: readonly Digest[] = [...(below?.diffIds ?? []), ...layers.map(({ diffId }) => diffId)]
    const configuration = await pushJson('application/vnd.oci.image.config.v1+json', {
      architecture,
      os: 'linux',
      config: {
        User: `${user}:${user}`,
        Env: [
          'PATH=/usr/local/bin:/usr/bin:/bin',
          'NODE_ENV=production',
          // glibc gives the room of large texts back when they go, rather than keeping it for others of their size.
          'MALLOC_MMAP_THRESHOLD_=131072',
          'CHARTFERRY_LISTEN=:8080',
          `CHARTFERRY_DATA=${home}`,
        ],
        Entrypoint: ['/usr/local/bin/node', '/opt/chartferry/bin/chartferry.js'],
        Cmd: ['serve'],
        WorkingDir: home,
        ExposedPorts: { '8080/tcp': {} },
        Volumes: { [home]: {} },
        Labels: {
          'org.opencontainers.image.title': 'chartferry',
          'org.opencontainers.image.version': await programVersion(),
          'org.opencontainers.image.licenses': 'Apache-2.0',
        },
      },
      rootfs: { type: 'layers', diff_ids: diffIds },
    })
    const manifest = await pushJson(mediaTypes.manifest, {
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: configuration,
      layers: [...(below?.layers ?? []), ...layers.map(({ descriptor }) => descriptor)],
    })
    await sink.tag(manifest, tag)
    return manifest
  } finally {
    await registries.close()
    await rm(work, { recursive: true, force: true })
  }

  async function pushJson(mediaType: string, document: object): Promise<Descriptor> {
    const bytes = Buffer.from(JSON.stringify(document))
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length }
    await sink.push(descriptor, bytes)
    return descriptor
  }
}

/** Node as it runs here; without a base also the libraries that it is linked with, and the files that name its user. */
async function runtimeEntries(isAlone: boolean): Promise<LayerEntry[]> {
  const node = { path: 'usr/local/bin/node', from: process.execPath, mode: 0o755 }
  const data: LayerEntry = { path: home.slice(1), folder: true, mode: 0o750, owner: user }
  if (!isAlone) return [node, data]
  const linked = execFileSync('ldd', [process.execPath], { encoding: 'utf8' })
  const libraries = [...new Set([...linked.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map((match) => match[1] ?? ''))]
  return [
    { path: 'tmp', folder: true, mode: 0o1777 },
    data,
    {
      path: 'etc/passwd',
      text: `root:x:0:0:root:/:/sbin/nologin\nchartferry:x:${user}:${user}::${home}:/sbin/nologin\n`,
    },
    { path: 'etc/group', text: `root:x:0:\nchartferry:x:${user}:\n` },
    { path: 'etc/nsswitch.conf', text: 'hosts: files dns\n' },
    node,
    ...(await Promise.all(
      libraries.map(async (path) => ({ path: path.slice(1), from: await realpath(path), mode: 0o755 })),
    )),
    ...(await resolverLibraries(libraries)),
  ]
}

/** The C library loads these by name when it looks up a host. */
async function resolverLibraries(libraries: readonly string[]): Promise<LayerEntry[]> {
  const folder = libraries.find((path) => path.includes('/libc.so'))?.replace(/\/[^/]+$/, '') ?? '/lib'
  const found = ['libnss_dns.so.2', 'libnss_files.so.2', 'libresolv.so.2'].map(async (name) => {
    const from = await realpath(join(folder, name)).catch(() => undefined)
    return from === undefined ? [] : [{ path: join(folder, name).slice(1), from, mode: 0o755 }]
  })
  return (await Promise.all(found)).flat()
}

/** The command and what it needs, as it is published: no sources, nothing for development, no links. */
async function programEntries(folder: string): Promise<LayerEntry[]> {
  execFileSync(
    'pnpm',
    [
      '--filter',
      'chartferry',
      'deploy',
      '--prod',
      '--legacy',
      '--prefer-offline',
      '--config.node-linker=hoisted',
      folder,
    ],
    { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const entries = await filesOf(folder, 'opt/chartferry')
  return entries.filter(({ path }) => !/\.(ts|mts|cts|map|md|tsbuildinfo)$|\/node_modules\/\.|\/pnpm-lock/i.test(path))
}

async function programVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(root, 'packages/cli/package.json'), 'utf8')) as { version: string }
  return version
}

/** Copies the image to a registry. */
async function pushImage(layout: string, { digest }: Descriptor, name: string): Promise<void> {
  const { host, path, tag } = canonicalReference(parseReference(name))
  const registries = openLoggedIn()
  try {
    await copyImages([
      { source: openLayout(layout), from: digest, sink: registries.repository(`${host}/${path}`), tag },
    ])
  } finally {
    await registries.close()
  }
}

/** Registries with what `docker login` keeps. */
function openLoggedIn(): Registries {
  const folder = process.env.DOCKER_CONFIG ?? join(homedir(), '.docker')
  return openRegistries({ credentials: credentialFiles([join(folder, 'config.json')]) })
}

const usage = `Builds the image of chartferry for this machine's platform, without a daemon.

  node --conditions=@chartferry/source deploy/image/build-image.ts --layout FOLDER [--tag TAG] [--base IMAGE] [--push IMAGE]

  --layout FOLDER  becomes an OCI image layout; tar it to import it: tar -cf image.tar -C FOLDER .
  --tag TAG        default: the version
  --base IMAGE     build upon it, for instance gcr.io/distroless/cc-debian12
  --push IMAGE     copy the image to a registry

Build the packages first: pnpm build`

if (process.argv[1] === import.meta.filename) {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    options: { layout: text, tag: text, base: text, push: text, help: { type: 'boolean' } },
  })
  if (values.help === true || values.layout === undefined) {
    console.error(usage)
    process.exitCode = values.help === true ? 0 : 2
  } else {
    const { layout, tag = await programVersion(), base, push } = values
    const manifest = await buildImage({ layout, tag, ...(base === undefined ? {} : { base }) })
    if (push !== undefined) await pushImage(layout, manifest, push)
    console.log(`${push ?? tag}@${manifest.digest}`)
  }
}
