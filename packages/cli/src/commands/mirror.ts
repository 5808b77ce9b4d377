// `chartferry mirror`: a chart repository into a folder, or once through the cache of a server.

import { ChartferryError } from '@chartferry/core'
import { redactUrl } from '@chartferry/core/internal'
import type { MirrorSource } from '@chartferry/server'
import type { Command } from 'commander'
import { collect } from '../flags/chart-options.ts'
import { readHelmRepositories } from '../flags/helm-repositories.ts'
import { addOutputOptions, type OutputOptions } from '../flags/output-options.ts'
import { readBytes, readText } from '../flags/read-text.ts'
import { addTlsOptions, readSettings } from '../flags/registry-options.ts'
import { untilStopped } from '../flags/stop-signal.ts'
import { formatBytes } from '../print/copy-progress.ts'
import { openCountProgress } from '../print/count-progress.ts'
import { printable } from '../print/printable.ts'
import { say, sayJson } from '../print/say.ts'

interface MirrorOptions extends OutputOptions {
  readonly destination?: string
  readonly warm?: boolean
  readonly dryRun?: boolean
  readonly chart: readonly string[]
  readonly version?: string
  readonly newest?: string
  readonly prereleases: boolean
  readonly provenance: boolean
  readonly signedBy?: string
  readonly gate?: string
  readonly username?: string
  readonly password?: string
  readonly caFile?: string
  readonly certFile?: string
  readonly keyFile?: string
  readonly insecureSkipTlsVerify?: boolean
  readonly plainHttp?: boolean
}

/** Adds the command. */
export function addMirrorCommand(program: Command): void {
  const command = program
    .command('mirror <repository>')
    .description(
      'Take a whole chart repository, or a part of it, into a folder that any web server can serve: archives, provenance and an index with relative URLs. What is there is skipped; after a break, run it again: it goes on where it was.',
    )
    .optionsGroup('Where to:')
    .option('-d, --destination <folder>', 'folder of the repository that is made')
    .option('--dry-run', 'say what would be fetched')
    .option('--warm', 'keep nothing: fill the cache of the server that the repository is fetched from')
    .optionsGroup('Which versions:')
    .option('--chart <name>', 'a chart, * stands for any characters, may be repeated (default: all)', collect, [])
    .option('--version <range>', 'versions, as helm takes them (default: all)')
    .option('--newest <number>', 'this many versions of each chart (default: all)')
    .option('--no-prereleases', 'no prereleases')
    .option('--signed-by <keyring>', 'only what a key of this keyring has signed, as gpg exports it')
    .option('--gate <command>', 'runs on each archive: exit 0 lets it pass, 75 asks for another try, others refuse it')
    .option('--no-provenance', 'no provenance files')
    .optionsGroup('How it is reached:')
    .option('--username <name>', 'user at the repository')
    .option('--password <text>', 'password at the repository')
    .option('--plain-http', 'the registry speaks http')
  addOutputOptions(addTlsOptions(command))
    .addHelpText(
      'after',
      `
REPOSITORY is a URL (http://, https://, oci://HOST/PATH), or a name that helm knows.

Example:
  $ chartferry mirror https://prometheus-community.github.io/helm-charts -d mirror/ --newest 3
  $ chartferry mirror http://127.0.0.1:8080/bitnami --warm --chart 'postgresql*'
  $ chartferry mirror ingress-nginx -d mirror/ --newest 1 --gate 'sh scan.sh'`,
    )
    .action((repository: string, options: MirrorOptions) =>
      untilStopped((signal) => mirror(repository, options, signal)),
    )
}

async function mirror(repository: string, options: MirrorOptions, signal: AbortSignal): Promise<void> {
  const { destination, warm = false, dryRun = false, chart, version, prereleases, provenance } = options
  if ((destination === undefined) !== warm) throw new ChartferryError('USAGE', 'give either --destination or --warm')
  const newest = options.newest === undefined ? undefined : Number(options.newest)
  if (newest !== undefined && !(Number.isInteger(newest) && newest > 0))
    throw new ChartferryError('USAGE', `--newest ${options.newest}: must be a whole number from 1 on`)
  const { signedBy, gate } = options
  if (warm && (signedBy ?? gate) !== undefined)
    throw new ChartferryError('USAGE', '--signed-by and --gate inspect archives that are kept; --warm keeps none', {
      hint: 'The server that is warmed has the same filters: `signedBy` and `gate` in its configuration.',
    })
  const keyring = signedBy === undefined ? undefined : await readBytes(signedBy, 'keyring')
  const source = await sourceOf(repository, options)
  const { mirrorRepository } = await import('@chartferry/server')
  const progress = openCountProgress({ quiet: options.quiet === true, noun: 'versions' })
  try {
    const result = await mirrorRepository(source, {
      folder: destination,
      filter: {
        ...(chart.length === 0 ? {} : { allow: chart }),
        versions: version,
        newest,
        prereleases,
        keyring,
        gate,
      },
      provenance,
      dryRun,
      signal,
      onProgress: progress.report,
    })
    progress.close()
    const { failed, refused, ...counts } = result
    if (options.quiet !== true)
      for (const { chart, version, reason } of refused)
        console.error(`! ${printable(`${chart} ${version} refused: ${reason}`)}`)
    const failures = failed.map(({ error, ...what }) => ({ ...what, code: error.code, error: error.message }))
    if (options.json === true) sayJson({ source: redactUrl(source.url), ...counts, refused, failed: failures })
    else
      say(
        `${destination ?? redactUrl(source.url)}: ${counts.versions} versions · ${counts.fetched} ${dryRun ? 'to fetch' : `fetched, ${formatBytes(counts.bytes)}`} · ${counts.present} there already${refused.length > 0 ? ` · ${refused.length} refused` : ''}`,
      )
    const [first] = failed
    if (first === undefined) return
    throw new ChartferryError(
      first.error.code,
      `${failed.length} versions could not be had, and are not in the index:\n${failures.map((one) => `  ${one.chart} ${one.version}: ${one.error}`).join('\n')}`,
      { hint: 'Run the command again: what is there is not fetched again.' },
    )
  } finally {
    progress.close()
  }
}

async function sourceOf(repository: string, options: MirrorOptions): Promise<MirrorSource> {
  const known = /^(https?|oci):\/\//.test(repository) ? { url: repository } : await fromHelm(repository)
  const given = { ...known, ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) }
  const { url, username, password, caFile, certFile, keyFile, insecureSkipTlsVerify } = given as typeof options & {
    readonly url: string
  }
  const [ca, cert, key] = await Promise.all(
    [caFile, certFile, keyFile].map(async (file) => (file === undefined ? undefined : readText(file, 'PEM file'))),
  )
  const isAnonymous = username === undefined && password === undefined
  return {
    url,
    charts: url.startsWith('oci:') && !options.chart.some((name) => name.includes('*')) ? namesOf(options) : undefined,
    plainHttp: options.plainHttp,
    credential: isAnonymous ? undefined : { kind: 'basic', username: username ?? '', password: password ?? '' },
    ca,
    cert,
    key,
    insecureSkipTlsVerify,
    registries: await readSettings({}, (message) => console.error(`! ${printable(message)}`)),
  }
}

/** A registry that lists nothing is asked for the charts that were named. */
function namesOf({ chart }: MirrorOptions): readonly string[] | undefined {
  return chart.length === 0 ? undefined : chart
}

async function fromHelm(name: string): Promise<{ readonly url: string }> {
  const { file, repositories } = await readHelmRepositories()
  const entry = repositories.find((candidate) => candidate.name === name)
  if (entry !== undefined) return entry
  throw new ChartferryError('REPOSITORY_NOT_FOUND', `no repository ${name} in ${file}`, {
    hint: `Give its URL, or add it: helm repo add ${name} URL`,
  })
}
