// Searches relocated charts for images that neither finder nor plan knows, by another method than theirs: names of public registries, and words
// that look like an image behind a key that speaks of one. CHARTFERRY_CORPUS=FOLDER node --conditions=@chartferry/source test/bench/left-behind.ts
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Chart, readChartArchive, relocate } from '@chartferry/core'
import { engineRenderer } from '@chartferry/core/helm'
import { messageOf } from '@chartferry/core/internal'

const registries =
  /(?<![\w.@/-])(?:[\w-]+\.)*(?:docker\.io|quay\.io|ghcr\.io|gcr\.io|registry\.k8s\.io|mcr\.microsoft\.com|ecr\.aws|nvcr\.io|icr\.io|docker\.elastic\.co|registry\.gitlab\.com|azurecr\.io|pkg\.dev|redhat\.com)(?::\d+)?\/[\w./-]*[\w](?::[\w][\w.-]*)?(?:@sha256:\w+)?/g
const keyed = /image[\w-]*["']?[ \t]*[:=][ \t]*["']?(?<image>[a-z0-9][\w./-]*:[\w][\w.-]*)["']?[ \t]*$/gim

function* imagesIn(text: string): Iterable<string> {
  // What stands in a remark is not used.
  const used = text.replace(/(?:^|[ \t])#.*$/gm, '')
  for (const [found] of used.matchAll(registries)) yield found
  for (const match of used.matchAll(keyed)) if (match.groups?.image !== undefined) yield match.groups.image
}

/** The texts that can hold an image that runs: values, definitions; readmes and notes cannot. */
function* filesOf(chart: Chart): Iterable<readonly [string, string]> {
  for (const [path, bytes] of chart.files) {
    if (path === 'values.yaml' || path.startsWith('crds/')) yield [chart.address + path, Buffer.from(bytes).toString()]
  }
  for (const subchart of chart.subcharts) yield* filesOf(subchart)
}

const corpus = join(process.env.CHARTFERRY_CORPUS ?? '', 'charts')
const left = new Map<string, Set<string>>()
let count = 0
for (const file of (await readdir(corpus)).filter((name) => name.endsWith('.tgz')).sort()) {
  try {
    const original = await readChartArchive(await readFile(join(corpus, file)))
    const { archive, plan } = await relocate(original, { to: 'reg.corp:5000/mirror', allowUnresolved: true })
    const known = new Set(plan.unresolved.map(({ image }) => image))
    const texts = [...filesOf(archive.chart)]
    try {
      const { documents, hooks } = await engineRenderer({ lenient: true }).openChart(archive.chart).render({})
      for (const { source, text } of [...documents, ...hooks]) texts.push([`rendered ${source}`, text])
    } catch {
      // A chart that nothing renders has its files all the same.
    }
    for (const [where, text] of texts) {
      for (const image of imagesIn(text)) {
        if (known.has(image) || image.startsWith('reg.corp')) continue
        left.set(`${file}  ${image}`, (left.get(`${file}  ${image}`) ?? new Set()).add(where))
      }
    }
    count++
  } catch (error) {
    console.log(`${file}: ${messageOf(error).slice(0, 200)}`)
  }
}
for (const [image, places] of left) console.log(`${image}  ${[...places].slice(0, 2).join(', ')}`)
console.log(`${left.size} texts left behind in ${count} charts`)
