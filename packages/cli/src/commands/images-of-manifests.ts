// `chartferry images` for manifests and kustomizations: what runs once they are built, and where it is written.

import { ChartferryError } from '@chartferry/core'
import { count } from '@chartferry/core/internal'
import { imagesInFiles } from '@chartferry/core/transfer'
import type { TlsOptions } from '../flags/command-client.ts'
import type { CommandRun } from '../flags/command-run.ts'
import { readManifests } from '../flags/manifest-source.ts'
import type { OutputOptions } from '../flags/output-options.ts'
import { isSameImage } from '../flags/same-image.ts'
import { printable } from '../print/printable.ts'
import { say, sayJson } from '../print/say.ts'
import { formatTable } from '../print/table.ts'

/** Throws as `readManifests` does, IMAGE_NOT_FOUND for `--why` of an image that is none of them. */
export async function listManifestImages(
  argument: string,
  options: OutputOptions & TlsOptions & { readonly why?: string },
  { signal, progress, note }: CommandRun,
): Promise<void> {
  const { files, passedOver } = await readManifests(argument, options, signal)
  const { images, left, remarks } = imagesInFiles(files)
  progress.close()
  const { why } = options
  const wanted = why === undefined ? images : images.filter(({ from }) => isSameImage(from, why))
  if (why !== undefined && wanted.length === 0)
    throw new ChartferryError('IMAGE_NOT_FOUND', `${argument} uses no image ${why}`, {
      hint: `List them: chartferry images ${argument}`,
    })
  for (const { from, places } of wanted) note({ name: from, status: 'passed', detail: places[0] ?? '' })
  if (options.json === true) {
    sayJson({
      manifests: { name: argument, files: files.length },
      notLookedInto: [...passedOver, ...left],
      images: wanted.map(({ from, places }) => ({ image: from, places })),
    })
    return
  }
  if (options.quiet !== true)
    for (const line of [...passedOver, ...left, ...remarks]) console.error(`! ${printable(line)}`)
  if (why !== undefined)
    say(wanted.map(({ from, places }) => [from, ...places.map((place) => `  ${place}`)].join('\n')).join('\n\n'))
  else {
    const rows = wanted.map(({ from, places: [first = '', ...more] }) => [
      from,
      more.length === 0 ? first : `${first} and ${count(more.length, 'other')}`,
    ])
    const summary = `${argument} · ${count(files.length, 'file')}: ${count(wanted.length, 'image')}`
    say(rows.length === 0 ? summary : `${formatTable([['image', 'found in'], ...rows])}\n\n${summary}`)
  }
}
