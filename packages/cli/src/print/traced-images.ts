// What a person reads of a trace: each image, where it is printed, and where each part of it was written.

import type { WrittenPlace } from '@chartferry/core'
import { formatPath } from '@chartferry/core/helm'
import type { TracedImage, TracedPart } from '@chartferry/core/internal'
import { printable } from './printable.ts'
import { formatTable } from './table.ts'

/** A block for each image; places that print the same parts share one. */
export function formatTracedImages(images: readonly TracedImage[]): string {
  const groups = Map.groupBy(images, ({ reference, parts }) => JSON.stringify([reference, parts]))
  return [...groups.values()].map(formatGroup).join('\n\n')
}

function formatGroup(images: readonly TracedImage[]): string {
  const printed = images.map(({ resource, path }) => [resource, formatPath(path)])
  const written = (images[0]?.parts ?? []).map((part) => [part.text, ...whereWritten(part)])
  return [
    printable(images[0]?.reference ?? ''),
    formatTable(printed, { indent: '  ' }),
    formatTable(written, { indent: '    ' }),
  ].join('\n')
}

function whereWritten({ kind, name, places }: TracedPart): readonly string[] {
  if (kind === 'unknown') return ['(unknown)']
  const [first] = places
  if (kind !== 'call') return first === undefined ? [] : withoutEmpty([lineOf(first), pathOf(first)])
  const inputs = places.map((place) => `${lineOf(place)} ${pathOf(place)}`.trim())
  return withoutEmpty([`${name ?? ''}(…)`, inputs.length === 0 ? '' : `of ${inputs.join(', ')}`])
}

const withoutEmpty = (cells: readonly string[]): readonly string[] => cells.filter((cell) => cell !== '')

function lineOf({ file, line }: WrittenPlace): string {
  return line === undefined ? file : `${file}:${line}`
}

function pathOf({ path }: WrittenPlace): string {
  return path === undefined ? '' : formatPath(path)
}
