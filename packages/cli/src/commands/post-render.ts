// `chartferry post-render`: what helm rendered, with every image under its name at the registry.
import { text as readAll } from 'node:stream/consumers'
import { ChartferryError } from '@chartferry/core'
import { rewriteManifests } from '@chartferry/core/transfer'
import { type Command, Option } from 'commander'
import { emittedNames } from '../flags/emitted-images.ts'
import { printable } from '../print/printable.ts'
import { formatTable } from '../print/table.ts'
import { writeOutput } from '../print/write-output.ts'

interface PostRenderOptions {
  readonly to?: string
  readonly mode?: string
  readonly rules?: string
  readonly allowUnresolved?: boolean
  readonly quiet?: boolean
}

/** Adds the command. */
export function addPostRenderCommand(program: Command): void {
  program
    .command('post-render')
    .description(
      'Read manifests from standard input and print them with every image under its name at your registry; every other byte stays. helm calls it with --post-renderer.',
    )
    .optionsGroup('Where it goes:')
    .addOption(
      new Option('--to <registry[/prefix]>', 'registry that the images move to, and the path below it').env(
        'CHARTFERRY_TO',
      ),
    )
    .addOption(new Option('--mode <mode>', 'how names there are made (default: path)').env('CHARTFERRY_MODE'))
    .addOption(
      new Option('--rules <file>', 'rules for images that go elsewhere, stay, or may not be used').env(
        'CHARTFERRY_RULES',
      ),
    )
    .option('--allow-unresolved', 'print the manifests although images of them cannot be renamed')
    .optionsGroup('What is printed:')
    .option('-q, --quiet', 'do not say on standard error what was renamed')
    .optionsGroup('Help:')
    .helpOption('-h, --help', 'print help')
    .addHelpText(
      'after',
      `
helm 3 takes the path of a program: --post-renderer chartferry --post-renderer-args post-render
helm 4 takes a plugin: helm plugin install deploy/helm-post-renderer, then --post-renderer ferry-images

Example:
  $ chartferry template web-1.0.0.tgz | chartferry post-render --to registry.corp:5000/mirror`,
    )
    .action(postRender)
}

async function postRender(options: PostRenderOptions): Promise<void> {
  const names = await emittedNames(options)
  const { text, renamed, left, remarks } = rewriteManifests(await readAll(process.stdin), names)
  if (left.length > 0 && options.allowUnresolved !== true)
    throw new ChartferryError('IMAGE_UNRESOLVED', `images that cannot be renamed:\n${left.join('\n')}`, {
      hint: 'Let them pass with --allow-unresolved, or write a rule that keeps them.',
    })
  if (options.quiet !== true) {
    for (const line of [...left, ...remarks]) console.error(`! ${printable(line)}`)
    if (renamed.length > 0)
      console.error(formatTable(renamed.map(({ resource, reference, to }) => [resource, reference, `→ ${to}`])))
  }
  await writeOutput(new TextEncoder().encode(text))
}
