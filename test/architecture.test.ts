// Guards the house: who may import whom, no circles, no long files, no names that say nothing.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Floors of the core, lowest first: a floor imports from floors below it, and never from its own. */
const coreFloors: readonly (readonly string[])[] = [
  ['error-table.ts'],
  ['errors.ts', 'limits.ts', 'events.ts'],
  ['digest.ts', 'archive', 'template', 'semver', 'http'],
  ['yaml'],
  ['chart', 'image', 'storage', 'functions'],
  ['render', 'oci', 'repository'],
  ['discover'],
  ['observe'],
  ['plan', 'source', 'sink', 'assets'],
  ['apply', 'verify', 'emit'],
  ['trial', 'bundle'],
  ['relocate.ts', 'list-images.ts', 'apply-plan.ts', 'foreign'],
  ['declaration'],
  ['index.ts'],
]

/** Floors of the server, lowest first; rooms of one floor may import each other, but not in a circle. */
const serverFloors: readonly (readonly string[])[] = [
  ['config', 'metrics'],
  ['upstream', 'cache', 'workers', 'notify'],
  ['proxy', 'hosted', 'images', 'registry', 'auth'],
  ['routes', 'middleware', 'chartmuseum'],
  ['app.ts'],
  ['assemble', 'mirror'],
  ['serve.ts', 'serve-bundle.ts', 'serve-chartmuseum.ts'],
  ['index.ts'],
]

const cliFloors: readonly (readonly string[])[] = [
  ['options', 'ui'],
  ['commands'],
  ['commands.ts'],
  ['main.ts'],
  ['bin.ts', 'chartmuseum.ts'],
]

/** Packages that a package may never see, whatever its floors say. */
const forbidden: Readonly<Record<string, RegExp>> = {
  core: /^(koa|@koa\/|keyv|@keyv\/|pino|@aws-sdk\/|@chartferry\/|commander)/,
  server: /^(commander|chartferry$)/,
  cli: /^(koa|@koa\/|keyv|@keyv\/|pino|undici)/,
}

/** What only these files may see: it stands behind an export of its own, and is loaded where it is configured. */
const excepted: readonly (readonly [file: RegExp, target: RegExp])[] = [[/^storage\/s3-/, /^@aws-sdk\//]]

const meaningless = /(^|[/-])(utils?|helpers?|common|libs?|misc|managers?|base)(\.ts$|\/|-|$)/

interface SourceFile {
  /** Below `src`, with `/`. */
  readonly path: string
  readonly lines: number
  readonly imports: readonly string[]
}

function readSources(source: string): readonly SourceFile[] {
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => {
      const text = readFileSync(join(source, path), 'utf8')
      const imports = [...text.matchAll(/(?:from|import)\s*\(?'([^']+)'/g)].map((match) => match[1] ?? '')
      return { path: path.replaceAll('\\', '/'), lines: text.split('\n').length - 1, imports }
    })
}

/** The room a file is in: its folder below `src`, or itself. */
const roomOf = (path: string): string => path.split('/')[0] ?? path

function localImports(source: string, file: SourceFile): readonly string[] {
  return file.imports
    .filter((name) => name.startsWith('.'))
    .map((name) => relative(source, resolve(source, dirname(file.path), name)).replaceAll('\\', '/'))
}

function findCircle(edges: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>()
  const visit = (node: string, trail: readonly string[]): readonly string[] | undefined => {
    if (trail.includes(node)) return [...trail.slice(trail.indexOf(node)), node]
    if (done.has(node)) return undefined
    for (const next of edges.get(node) ?? []) {
      const circle = visit(next, [...trail, node])
      if (circle !== undefined) return circle
    }
    done.add(node)
    return undefined
  }
  for (const node of edges.keys()) {
    const circle = visit(node, [])
    if (circle !== undefined) return circle
  }
  return undefined
}

const packages = [
  { name: 'core', floors: coreFloors, sameFloor: false },
  { name: 'server', floors: serverFloors, sameFloor: true },
  { name: 'cli', floors: cliFloors, sameFloor: true },
]

describe.each(packages)('the package $name', ({ name, floors, sameFloor }) => {
  const source = join(root, 'packages', name, 'src')
  const files = readSources(source)
  const floorOf = (room: string): number => floors.findIndex((floor) => floor.includes(room))

  it('has only rooms that the plan of the house knows', () => {
    expect(files.map(({ path }) => roomOf(path)).filter((room) => floorOf(room) < 0)).toEqual([])
  })

  it('imports downward only', () => {
    const wrong = files.flatMap((file) =>
      localImports(source, file)
        .filter((target) => {
          const [from, to] = [roomOf(file.path), roomOf(target)]
          const isUpward = sameFloor ? floorOf(to) > floorOf(from) : floorOf(to) >= floorOf(from)
          return from !== to && isUpward
        })
        .map((target) => `${file.path} -> ${target}`),
    )
    expect(wrong).toEqual([])
  })

  it('has no circle between files, nor between rooms', () => {
    expect(findCircle(new Map(files.map((file) => [file.path, localImports(source, file)])))).toBeUndefined()
    const rooms = Map.groupBy(files, ({ path }) => roomOf(path))
    const edges = [...rooms].map(([room, inside]) => {
      const targets = inside.flatMap((file) => localImports(source, file)).map(roomOf)
      return [room, targets.filter((target) => target !== room)] as const
    })
    expect(findCircle(new Map(edges))).toBeUndefined()
  })

  it('sees no package that is not its affair', () => {
    const wrong = files.flatMap(({ path, imports }) =>
      imports
        .filter((target) => forbidden[name]?.test(target))
        .filter((target) => !excepted.some(([file, seen]) => name === 'core' && file.test(path) && seen.test(target)))
        .map((target) => `${path} -> ${target}`),
    )
    expect(wrong).toEqual([])
  })

  it('never goes through its own index', () => {
    const wrong = files.filter((file) => localImports(source, file).includes('index.ts'))
    expect(wrong.map(({ path }) => path)).toEqual([])
  })

  it('has no file above 300 lines, and half of them within 120', () => {
    // A table of data without branches may have more.
    const most = (path: string): number => (path === 'error-table.ts' ? 600 : 300)
    expect(files.filter(({ path, lines }) => lines > most(path)).map(({ path, lines }) => `${path}: ${lines}`)).toEqual(
      [],
    )
    const lengths = files.map(({ lines }) => lines).sort((a, b) => a - b)
    expect(lengths[Math.floor(lengths.length / 2)] ?? 0).toBeLessThanOrEqual(120)
  })

  it('has folders at most two deep', () => {
    expect(files.filter(({ path }) => path.split('/').length > 3).map(({ path }) => path)).toEqual([])
  })

  it('has names that say something', () => {
    expect(files.map(({ path }) => path).filter((path) => meaningless.test(path))).toEqual([])
  })

  it('opens each file with a sentence', () => {
    const silent = files.filter(({ path }) => !/^(#!.*\n)?\/\/ /.test(readFileSync(join(source, path), 'utf8')))
    expect(silent.map(({ path }) => path)).toEqual([])
  })
})
