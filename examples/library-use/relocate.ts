// Relocates one chart archive: node relocate.ts IN.tgz REGISTRY[/PREFIX] OUT.tgz
import { readFile, writeFile } from 'node:fs/promises'
import { helmRenderer, readChartArchive, relocate } from '@chartferry/core'

const [from = '', to = '', out = ''] = process.argv.slice(2)
const chart = await readChartArchive(await readFile(from))
const { plan, proof, archive } = await relocate(chart, { to, renderer: await helmRenderer() })
for (const image of plan.images) console.log(`${image.from} -> ${image.to}`)
console.log(proof.status)
await writeFile(out, archive.bytes)
