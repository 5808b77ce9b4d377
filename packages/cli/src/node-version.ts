// Whether the Node that runs us is new enough. Must run on old ones.

/** The oldest of each major that is taken; those after the last are taken, too. As `engines` in package.json has it. */
const oldest: readonly (readonly [major: number, minor: number, patch: number])[] = [
  [22, 22, 2],
  [24, 15, 0],
  [26, 0, 0],
]

/** What to tell who runs us with a Node that is too old; undefined where it is not. Takes `process.version`. */
export function nodeFault(version: string): string | undefined {
  const [major = 0, minor = 0, patch = 0] = version.replace(/^v/, '').split('.').map(Number)
  const [newest = 0] = oldest[oldest.length - 1] ?? []
  const fits =
    major > newest ||
    oldest.some(([of, from, fix]) => major === of && (minor > from || (minor === from && patch >= fix)))
  if (fits) return undefined
  const system = process.platform === 'win32' ? 'win' : process.platform
  return [
    `chartferry needs Node.js 22.22.2 or newer of 22, 24.15 or newer of 24, or 26 and newer. This is ${version}.`,
    'Install one from https://nodejs.org, or let npm fetch one for a single run:',
    `  npx -y -p node-${system}-${process.arch}@24 -- node ${process.argv[1] ?? 'chartferry.js'} ...`,
  ].join('\n')
}
