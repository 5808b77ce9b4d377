// Log lines for a person: what a machine reads as JSON, on a terminal in columns.
import { styleText } from 'node:util'

interface Target {
  write(text: string): unknown
}

type Fields = Readonly<Record<string, unknown>>

const colours = { fatal: 'red', error: 'red', warn: 'yellow', info: 'green', debug: 'dim', trace: 'dim' } as const

/** Takes lines of JSON as pino writes them; what is none goes on as it is. */
export function readableLines(
  to: Target,
  stream: NodeJS.WritableStream = process.stderr,
): { write(line: string): void } {
  const paint = (format: 'red' | 'yellow' | 'green' | 'dim', text: string): string =>
    styleText(format, text, { stream })
  return {
    write: (line) => {
      const fields = parse(line)
      if (fields === undefined) to.write(line)
      else {
        const { level, time, ...rest } = fields
        const word = wordOf(level)
        const colour = Object.hasOwn(colours, word) ? colours[word as keyof typeof colours] : 'green'
        to.write(`${paint('dim', clockOf(time))} ${paint(colour, word.padEnd(5))} ${printable(textOf(rest))}\n`)
      }
    },
  }
}

function parse(line: string): Fields | undefined {
  try {
    const fields: unknown = JSON.parse(line)
    return typeof fields === 'object' && fields !== null ? (fields as Fields) : undefined
  } catch {
    return undefined
  }
}

/** The time of the day here. */
function clockOf(time: unknown): string {
  const date = new Date(wordOf(time))
  return Number.isNaN(date.getTime()) ? '--:--:--' : date.toTimeString().slice(0, 8)
}

function textOf({ msg, requestId, err, ...fields }: Fields): string {
  if (msg === 'request' && typeof fields.status === 'number') return requestText(fields)
  const words = Object.entries(fields).map(([name, value]) => `${name}=${wordOf(value)}`)
  const request = requestId === undefined ? [] : [`request=${wordOf(requestId)}`]
  return [wordOf(msg ?? ''), ...words, ...request].filter((part) => part !== '').join('  ') + stackOf(err)
}

/** `200 GET /local/index.yaml  1.2 KB  3 ms  HIT  from 10.0.0.7 as ci  helm/3.22`. */
function requestText({ status, method, path, bytes, ms, cache, code, aborted, client, who, agent }: Fields): string {
  const size = typeof bytes === 'number' && bytes > 0 ? [sizeOf(bytes)] : []
  const told = [cache, code, aborted === true ? 'the client left' : undefined].filter((word) => word !== undefined)
  const from = `from ${wordOf(client)}${who === undefined ? '' : ` as ${wordOf(who)}`}`
  return [`${wordOf(status)} ${wordOf(method)} ${wordOf(path)}`, ...size, `${wordOf(ms)} ms`, ...told, from, agent]
    .filter((part) => part !== '' && part !== undefined)
    .join('  ')
}

function sizeOf(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  return bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}

/** A text as it is, anything else as JSON. */
function wordOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

function stackOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return ''
  const { stack, message } = error as { readonly stack?: unknown; readonly message?: unknown }
  return `\n${wordOf(stack ?? message ?? '')}`.replaceAll('\n', '\n    ')
}

/** A path that a client chose must not move the cursor. */
function printable(text: string): string {
  return text.replace(
    /(?!\n)[\p{Cc}\p{Bidi_Control}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
