// The plan of the house as tables: who may import whom. The test of the architecture and docs/architecture.md are made from it.

/** Floors, lowest first: a room imports from floors below its own. */
export type Floors = readonly (readonly string[])[]

/** A part of the core with an export of its own, and the parts that it may see. */
export interface Wing {
  readonly name: string
  readonly about: string
  readonly sees: readonly string[]
  /** Its rooms, lowest floor first: folders, and files that stand beside them. */
  readonly floors: Floors
}

/** The wings of the core. `base` is what lies beside them: files and folders that know no other. */
export const wings: readonly Wing[] = [
  {
    name: 'base',
    about: 'errors, limits, events, digests, stores of blobs, image references',
    sees: [],
    floors: [
      ['error-table.ts', 'close-names.ts', 'count.ts'],
      ['errors.ts', 'limits.ts', 'events.ts'],
      ['digest.ts'],
      ['reference', 'storage'],
    ],
  },
  {
    name: 'helm',
    about: 'Helm in TypeScript: charts, versions, index files, rendering. Knows no registry and no relocation',
    sees: ['base'],
    floors: [
      ['archive', 'template', 'semver'],
      ['yaml'],
      ['chart', 'functions'],
      ['schema'],
      ['render', 'repository'],
      ['index.ts'],
    ],
  },
  {
    name: 'oci',
    about: 'registries: HTTP, content, the client, copying. Knows no chart',
    sees: ['base'],
    floors: [['http'], ['content'], ['client'], ['copy', 'diagnose'], ['index.ts']],
  },
  {
    name: 'relocation',
    about: 'the product: find the images, plan, apply, prove. Pure but for the rendering',
    sees: ['base', 'helm'],
    floors: [['find'], ['model'], ['apply'], ['verify'], ['plan'], ['relocate.ts', 'list-images.ts', 'apply-plan.ts']],
  },
  {
    name: 'transfer',
    about: 'charts and images on the move: sources, sinks, bundles, locks, files, and the verbs that join them',
    sees: ['base', 'helm', 'oci', 'relocation'],
    floors: [
      ['chart-artifact.ts', 'chart-reference.ts', 'copy-images.ts', 'document-part.ts', 'gate.ts'],
      ['copy-pairs.ts', 'image-wishes.ts', 'reaching', 'source', 'sink', 'assets'],
      ['copy-for-charts.ts', 'emit', 'manifests', 'bundle'],
      ['relocate-bundled.ts', 'foreign', 'declaration', 'kots'],
      ['pack-bundle.ts', 'push-bundle.ts', 'serve-content.ts'],
      ['index.ts'],
    ],
  },
]

/** Files of the core above all wings: its lists of names. */
export const coreIndexes: readonly string[] = ['index.ts', 'internal.ts']

/** Floors of the server, lowest first; rooms of one floor may import each other, but not in a circle. */
export const serverFloors: Floors = [
  ['config', 'metrics'],
  ['upstream', 'cache', 'workers', 'notify'],
  ['repository', 'pull-through', 'quarantine', 'hosted', 'images', 'image-cache', 'registry', 'auth', 'relocated'],
  ['routes', 'middleware', 'chartmuseum'],
  ['app.ts', 'pages'],
  ['assemble', 'mirror'],
  ['serve.ts', 'serve-bundle.ts', 'serve-chartmuseum.ts'],
  ['index.ts'],
]

/** Floors of the command line, as those of the server. */
export const cliFloors: Floors = [
  ['code-cache.ts', 'version.ts', 'gc-tuning.ts', 'exit-codes.ts'],
  ['print'],
  ['flags'],
  ['commands'],
  ['commands.ts'],
  ['help'],
  ['main.ts'],
  ['start.ts', 'node-version.ts'],
  ['bin.ts', 'chartmuseum.ts'],
]

/** Packages that a package may never see, whatever its floors say. */
export const forbidden: Readonly<Record<string, RegExp>> = {
  core: /^(koa|@koa\/|keyv|@keyv\/|pino|@aws-sdk\/|@chartferry\/|commander)/,
  server: /^(commander|chartferry$)/,
  cli: /^(koa|@koa\/|keyv|@keyv\/|pino|undici)/,
}

/** What only these files may see: it stands behind an export of its own, and is loaded where it is configured. */
export const excepted: readonly (readonly [file: RegExp, target: RegExp])[] = [[/^storage\/s3-/, /^@aws-sdk\//]]

/** Names that say nothing. */
export const meaningless = /(^|[/-])(utils?|helpers?|common|libs?|misc|managers?|base)(\.ts$|\/|-|$)/
