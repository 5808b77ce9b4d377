// Adds annotations to Chart.yaml; every other byte of it stays, where that can be.
import { isDeepStrictEqual } from 'node:util'
import { dump } from 'js-yaml'
import type { ChartArchive } from './chart.ts'
import { replaceFiles } from './chart-archive.ts'
import { isMapping } from './fields.ts'
import { parseChartMetadata } from './metadata.ts'

/**
 * The archive whose Chart.yaml has these annotations beside its own, in place of those of the same name. Throws as
 * `replaceFiles` does.
 */
export async function annotateChart(
  archive: ChartArchive,
  annotations: Readonly<Record<string, string>>,
): Promise<ChartArchive> {
  const { files, metadata } = archive.chart
  const text = new TextDecoder().decode(files.get('Chart.yaml'))
  const own = isMapping(metadata.raw.annotations) ? metadata.raw.annotations : {}
  const wanted = { ...metadata.raw, annotations: { ...own, ...annotations } }
  const isWanted = (candidate: string): boolean => {
    try {
      return isDeepStrictEqual(plain(parseChartMetadata(candidate, archive.fileName).raw), plain(wanted))
    } catch {
      return false
    }
  }
  const written = [within(text, annotations), behind(text, annotations)].find(isWanted)
  const bytes = new TextEncoder().encode(written ?? dump(wanted, { lineWidth: -1, noRefs: true }))
  return replaceFiles(archive, new Map([['Chart.yaml', bytes]]))
}

/** Mappings are equal whatever made them. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

/** Below the key that is there, in block style. */
function within(text: string, annotations: Readonly<Record<string, string>>): string {
  const lineBreak = text.includes('\r\n') ? '\r\n' : '\n'
  return text.replace(/^annotations:[ \t]*(?:#.*)?\r?\n(?:[ \t]*(?:#.*)?\r?\n)*([ ]*)/m, (head, indent: string) => {
    const lines = linesOf(annotations, indent === '' ? '  ' : indent).join(lineBreak)
    return `${head.slice(0, head.length - indent.length)}${lines}${lineBreak}${indent}`
  })
}

function behind(text: string, annotations: Readonly<Record<string, string>>): string {
  const lineBreak = text.includes('\r\n') ? '\r\n' : '\n'
  const end = text.endsWith('\n') || text === '' ? '' : lineBreak
  return `${text}${end}${['annotations:', ...linesOf(annotations, '  ')].join(lineBreak)}${lineBreak}`
}

/** A text in double quotes is the same in JSON and in YAML. */
function linesOf(annotations: Readonly<Record<string, string>>, indent: string): readonly string[] {
  return Object.entries(annotations).map(([name, value]) => `${indent}${name}: ${JSON.stringify(value)}`)
}
