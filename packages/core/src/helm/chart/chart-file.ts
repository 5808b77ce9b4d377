// The files of a chart: found by their address, read as text that can be written back, counted by lines.
import type { Chart } from './chart.ts'

/**
 * The bytes of the file at an address such as `charts/a-1.0.0.tgz!charts/b/values.yaml`; undefined where there is
 * none.
 */
export function fileAt(chart: Chart, address: string): Uint8Array | undefined {
  const within = chart.subcharts.find((subchart) => address.startsWith(subchart.address))
  return within ? fileAt(within, address) : chart.files.get(address.slice(chart.address.length))
}

/** Counts the lines of a text up to offsets that only grow; the first line is 1. */
export function lineCounter(text: string): (offset: number) => number {
  let line = 1
  let seen = 0
  return (offset) => {
    for (; seen < offset; seen++) if (text.charCodeAt(seen) === 10) line++
    return line
  }
}

/** The text of UTF-8 bytes, or undefined where writing it again would not give the same bytes. */
export function decodeExactly(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
