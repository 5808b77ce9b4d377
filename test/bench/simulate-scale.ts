// How many servers a large company needs, and what gives way first: a model in steps of a second on costs that
// `request-cost.ts` has measured. Prints tables and a chart for docs/scale.md.
// node --conditions=@chartferry/source test/bench/simulate-scale.ts

/** Seconds of processor for a request; measured, see docs/scale.md. */
const cost = {
  notModified: 475e-6,
  manifestByTag: 3800e-6,
  manifestByDigest: 1000e-6,
  /** To begin with one; what its bytes cost is measured with large ones, and holds the beginning of those. */
  blobRequest: 1000e-6,
  blobByte: 5.5e-9,
  indexVersion: 223e-6,
} as const
/** Requests to the bucket, and commands to Redis. */
const toBucket = { manifestByTag: 1, blob: 2.25, newIndex: 7 } as const
const toRedis = { manifestByTag: 1, blob: 0.25, index: 0.01, newIndex: 4 } as const

/** What is asked for. */
const world = {
  nodes: 10_000,
  bytes: 5e9,
  /** Nodes begin over so many seconds: a rollout, or a morning. */
  beginWithin: 45 * 60,
  /** Bytes a second that a node takes at most: 1 Gbit/s. */
  nodeSpeed: 125e6,
  /** 5 GB of images: each is resolved by its tag, and its index, manifest, config and layers are fetched. */
  images: 40,
  blobsOfImage: 9,
  repositories: 1000,
  versions: 10e6,
  /** Argo CD, Flux and people: so many ask for twenty indexes every three minutes, and have nearly all of them. */
  pollers: 500,
  indexesOfPoller: 20,
  pollEvery: 180,
  /** Seconds after which an upstream is asked again, and the share of repositories that have changed then. */
  freshFor: 3600,
  changed: 0.1,
} as const

/** A server: its thread has one processor; its network carries each byte of an image twice, from the bucket and to the node. */
const server = { busy: 0.7, network: 1.25e9 } as const
const zones = 3

/** Seconds of processor that all small requests together take in a second, by what is asked. */
const nodesPerSecond = world.nodes / world.beginWithin
const small = {
  polls: (world.pollers * world.indexesOfPoller) / world.pollEvery,
  /** One by its tag, and two by their digests: the index, and that of the platform. */
  images: nodesPerSecond * world.images,
  blobs: nodesPerSecond * world.images * world.blobsOfImage,
  newIndexes: (world.repositories * world.changed) / world.freshFor,
} as const
/** Without a Redis each server refreshes for itself. */
const refreshing = small.newIndexes * (world.versions / world.repositories) * cost.indexVersion
const processor = {
  'index, not modified': small.polls * cost.notModified,
  'index, new': refreshing,
  manifests: small.images * (cost.manifestByTag + 2 * cost.manifestByDigest),
  'blobs, to begin': small.blobs * cost.blobRequest,
  'blobs, bytes': nodesPerSecond * world.bytes * cost.blobByte,
}

interface Outcome {
  /** Minutes until the last node has everything; undefined: not within two hours. */
  readonly done: number | undefined
  /** Nodes that have everything after an hour. */
  readonly inTime: number
  /** By minute: bytes a second that went out. */
  readonly sent: readonly number[]
  /** By minute: nodes that wait for bytes. */
  readonly waiting: readonly number[]
  /** The most bytes a second that came from the bucket. */
  readonly peak: number
}

interface Run {
  readonly servers: number
  /** The second at which one zone is lost with its servers and nodes. */
  readonly lost?: number
  /** The share of bytes of images that an nginx before the servers has on its disk. */
  readonly cached?: number
}

/** Bytes of images that a server gives in a second beside its share of everything else. */
function speedOf(servers: number): number {
  const others =
    (processor['index, not modified'] + processor.manifests + processor['blobs, to begin']) / servers + refreshing
  const byProcessor = Math.max(0, server.busy - others) / cost.blobByte
  return Math.min(byProcessor, server.network / 2)
}

function simulate({ servers, lost, cached = 0 }: Run): Outcome {
  /** Nodes that begin in the same second go on together. */
  const groups: { left: number; nodes: number }[] = []
  let alive = servers
  let share = 1
  let finished = 0
  let inTime = 0
  let begun = 0
  let done: number | undefined
  let peak = 0
  const sent: number[] = []
  const waiting: number[] = []
  for (let second = 0; second < 2 * 3600; second++) {
    if (second === lost) {
      alive = Math.max(1, servers - Math.ceil(servers / zones))
      share = 1 - 1 / zones
      // What was under way at a lost server is asked for again from where it was: nodes of other zones lose nothing but time.
      for (const group of groups) group.nodes *= share
      finished *= share
    }
    if (begun < world.nodes) {
      const nodes = Math.min(nodesPerSecond, world.nodes - begun)
      begun += nodes
      groups.push({ left: world.bytes, nodes: nodes * share })
    }
    const active = groups.reduce((sum, { nodes }) => sum + nodes, 0)
    const capacity = (alive * speedOf(alive)) / (1 - cached)
    const each = active === 0 ? 0 : Math.min(world.nodeSpeed, capacity / active)
    const out = groups.reduce((sum, { left, nodes }) => sum + Math.min(left, each) * nodes, 0)
    peak = Math.max(peak, out * (1 - cached))
    for (const group of groups) group.left -= Math.min(group.left, each)
    while (groups[0] !== undefined && groups[0].left <= 1) {
      finished += groups[0].nodes
      groups.shift()
    }
    if (second % 60 === 0) {
      sent.push(out)
      waiting.push(active)
    }
    if (second < 3600) inTime = finished
    if (begun >= world.nodes && groups.length === 0) {
      done = (second + 1) / 60
      break
    }
  }
  return { done, inTime, sent, waiting, peak }
}

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1)
const minutes = ({ done }: Outcome): string => (done === undefined ? 'more than 120' : done.toFixed(0))

function fewest(cached: number, lost?: number): number {
  for (let servers = zones; ; servers += zones) {
    const { done } = simulate({ servers, cached, ...(lost === undefined ? {} : { lost }) })
    if (done !== undefined && done <= 60) return servers
  }
}

console.log('Processors that a second of it takes:\n')
for (const [name, seconds] of Object.entries(processor)) console.log(`| ${name} | ${seconds.toFixed(2)} |`)
console.log(
  `\none server gives ${gigabytes(speedOf(30))} GB/s of images: ${speedOf(30) < server.network / 2 ? 'its processor is the bound' : 'its network is the bound'}\n`,
)

console.log(
  '| servers | nodes that have everything after an hour | minutes until all have | from the bucket at most, GB/s |',
)
console.log('|---|---|---|---|')
const enough = fewest(0)
for (const servers of [...new Set([3, 9, 18, enough - 3, enough, Math.ceil(enough / 2) * 3])]
  .filter((count) => count > 0)
  .sort((a, b) => a - b)) {
  const outcome = simulate({ servers })
  console.log(`| ${servers} | ${Math.round(outcome.inTime)} | ${minutes(outcome)} | ${gigabytes(outcome.peak)} |`)
}
const withCache = fewest(0.95)
console.log(
  `\nwith an nginx in each zone that keeps blobs, and has 95 of 100 bytes: ${withCache} servers, ${gigabytes(simulate({ servers: withCache, cached: 0.95 }).peak)} GB/s from the bucket\n`,
)

const perSecond = {
  'bucket, requests':
    small.images * toBucket.manifestByTag + small.blobs * toBucket.blob + small.newIndexes * toBucket.newIndex,
  'Redis, commands':
    small.images * toRedis.manifestByTag +
    small.blobs * toRedis.blob +
    small.polls * toRedis.index +
    small.newIndexes * toRedis.newIndex,
}
for (const [name, count] of Object.entries(perSecond)) console.log(`| ${name} a second | ${Math.round(count)} |`)

/** The hour as a picture: each column two minutes, full height is what all servers can give. */
function draw({ sent }: Outcome, servers: number): string {
  const full = servers * speedOf(servers)
  const columns = sent.filter((_, minute) => minute % 2 === 0).slice(0, 45)
  const rows = Array.from({ length: 8 }, (_, row) => {
    const line = columns.map((out) => (out / full > (7.5 - row) / 8 ? '#' : ' ')).join('')
    return `${gigabytes((full * (8 - row)) / 8).padStart(6)} |${line}`
  })
  return [
    ...rows,
    `       +${'-'.repeat(columns.length)}`,
    `        0${'30'.padStart(15)}${'60'.padStart(15)}${columns.length > 40 ? '90'.padStart(15) : ''} minutes`,
  ].join('\n')
}

for (const servers of [enough, Math.ceil(enough / 2) * 3]) {
  const outcome = simulate({ servers, lost: 20 * 60 })
  console.log(
    `\nGB/s of ${servers} servers, a third of them and of the nodes lost after 20 minutes: all have everything after ${minutes(outcome)} minutes\n`,
  )
  console.log(draw(outcome, servers))
}
