// Puts the command and its threads together into few files, which start in a third of the time.
// node scripts/bundle.ts [FOLDER]   default: packages/cli/bin
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import process from 'node:process'
import { build, type Metafile } from 'esbuild'

const root = join(import.meta.dirname, '..')
const target = process.argv[2] ?? join(root, 'packages/cli/bin')

/** What is started by its name: the two commands; and threads and processes, which their starters look for beside themselves. */
async function findEntryPoints(): Promise<Record<string, string>> {
  const sources = await readdir(join(root, 'packages'), { recursive: true })
  const started = sources.filter((path) => /^(?:core|server)\/src\/.*-(?:worker|main)\.ts$/.test(path))
  return {
    chartferry: 'packages/cli/src/bin.ts',
    chartmuseum: 'packages/cli/src/chartmuseum.ts',
    ...Object.fromEntries(started.map((path) => [basename(path, '.ts'), `packages/${path}`])),
  }
}

/** Stays outside: the SDK is the user's choice, and openpgp must be replaceable (LGPL). */
const external = ['@aws-sdk/client-s3', 'openpgp']

/** Packages of others are CommonJS in part, which asks for `require`. */
const banner =
  "import { createRequire as createRequireHere } from 'node:module'; const require = createRequireHere(import.meta.url);"

/** Writes the bundle beside the present one, and puts it into its place. */
async function bundle(): Promise<void> {
  const fresh = `${target}.${process.pid}`
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: await findEntryPoints(),
    outdir: fresh,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    conditions: ['@chartferry/source'],
    external,
    banner: { js: banner },
    chunkNames: 'part-[hash]',
    sourcemap: true,
    sourcesContent: false,
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  })
  await writeFile(join(fresh, 'LICENSES.txt'), await licenses(metafile))
  await mkdir(dirname(target), { recursive: true })
  await rm(target, { recursive: true, force: true })
  await rename(fresh, target)
}

/** The licenses of the packages of others that are inside. */
async function licenses({ inputs }: Metafile): Promise<string> {
  const folders = new Set(
    Object.keys(inputs).flatMap((path) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? []),
  )
  const texts = [...folders].sort().map(async (folder) => {
    const { name, version, license } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8')) as {
      readonly [field: string]: string
    }
    const names = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license', 'License', 'LICENCE']
    const found = await Promise.all(names.map((file) => readFile(join(root, folder, file), 'utf8').catch(() => '')))
    const text = found.find((each) => each !== '') ?? 'The package brings no text of its license.'
    return `${name} ${version} (${license})\n\n${text.trim()}\n`
  })
  return (await Promise.all(texts)).join(`\n${'='.repeat(80)}\n\n`)
}

await bundle()
