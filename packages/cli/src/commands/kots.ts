// `chartferry kots`: working folders of `pull --rewrite-images` that were pushed beside their images.

import { ChartferryError } from '@chartferry/core'
import { folderRepository, restoreFolder } from '@chartferry/core/transfer'
import type { Command } from 'commander'
import { addKotsRegistryOptions, type KotsRegistryOptions, kotsRegistry } from '../flags/kots-options.ts'
import { addOutputOptions, type OutputOptions } from '../flags/output-options.ts'
import {
  addRegistryOptions,
  addTlsOptions,
  openCommandRegistries,
  type RegistryOptions,
} from '../flags/registry-options.ts'
import { untilStopped } from '../flags/stop-signal.ts'
import { say, sayJson } from '../print/say.ts'

interface DownloadOptions extends KotsRegistryOptions, RegistryOptions, OutputOptions {
  readonly version?: string
}

/** Adds the command with its verb. */
export function addKotsCommand(program: Command): void {
  const kots = program
    .command('kots')
    .description('Working folders of `pull --rewrite-images`, which lie in the registry beside their images.')
    .helpOption('-h, --help', 'print help')
    .helpCommand(false)
    .addHelpText(
      'after',
      `
Example:
  $ chartferry kots download web --registry-endpoint registry.corp:5000 --image-namespace shop --working-dir restored/`,
    )
  const download = kots
    .command('download <name>')
    .summary('restore a working folder')
    .description(
      'Restore the working folder of an application, without its images: the next pull fetches these. The login of the nodes is in no registry: give it again.',
    )
    .optionsGroup('Which, and where to:')
    .option('--version <version>', 'version of the application (default: the last one pushed)')
  addOutputOptions(addTlsOptions(addRegistryOptions(addKotsRegistryOptions(download))))
    .addHelpText(
      'after',
      `
Example:
  $ chartferry kots download web --registry-endpoint registry.corp:5000 --image-namespace shop --working-dir again/`,
    )
    .action((name: string, options: DownloadOptions) => untilStopped((signal) => run(name, options, signal)))
}

async function run(name: string, options: DownloadOptions, signal: AbortSignal): Promise<void> {
  const { target, login, options: registry } = kotsRegistry(options)
  const folder = options.workingDir ?? name
  const registries = await openCommandRegistries({ ...options, ...registry })
  try {
    const source = registries.repository(folderRepository(`${target.host}/${target.prefix}`, name))
    const { app, images } = await restoreFolder(folder, source, options.version ?? 'latest', { login, signal })
    if (options.json === true) sayJson({ folder, app, images })
    else say(`${folder}  ${app.name} ${app.version} · ${images.length} images`)
  } catch (error) {
    if (!(error instanceof ChartferryError) || error.code !== 'MANIFEST_NOT_FOUND') throw error
    throw new ChartferryError(
      'MANIFEST_NOT_FOUND',
      `${name}: no working folder of it is at ${target.host}/${target.prefix}`,
      {
        cause: error,
        hint: 'It is pushed by `chartferry pull --rewrite-images`, with the same endpoint and namespace.',
      },
    )
  } finally {
    await registries.close()
  }
}
