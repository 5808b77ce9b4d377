// Paths with slashes (Go's path; path/filepath is the same where Helm renders: on Unix).
import { define } from '../template/function.ts'
import { bare, slice } from '../template/text.ts'
import type { GoFunction, Text } from '../template/value.ts'

/** path.Clean: the shortest path that means the same. */
function cleanPath(path: string): string {
  if (path === '') return '.'
  const rooted = path.startsWith('/')
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (!rooted) parts.push('..')
  }
  return (rooted ? '/' : '') + parts.join('/') || '.'
}

/** path.Base: what follows the last slash. */
function base(path: Text): Text {
  const subject = bare(path)
  if (subject === '') return '.'
  const trimmed = subject.replace(/\/+$/, '')
  if (trimmed === '') return '/'
  return slice(path, trimmed.lastIndexOf('/') + 1, trimmed.length)
}

/** path.Dir, with the spans where the result is a part of the path. */
function dir(path: Text): Text {
  const subject = bare(path)
  const parent = cleanPath(subject.slice(0, subject.lastIndexOf('/') + 1))
  return subject.startsWith(parent) ? slice(path, 0, parent.length) : parent
}

function clean(path: Text): Text {
  const subject = bare(path)
  const cleaned = cleanPath(subject)
  return subject.startsWith(cleaned) ? slice(path, 0, cleaned.length) : cleaned
}

function extension(path: Text): Text {
  const subject = bare(path)
  const dot = subject.lastIndexOf('.')
  return dot < 0 || dot < subject.lastIndexOf('/') ? '' : slice(path, dot)
}

/** The functions of this family. */
export const pathFunctions: readonly GoFunction[] = [
  ...['base', 'osBase'].map((name) => define(name, ['text'], base)),
  ...['dir', 'osDir'].map((name) => define(name, ['text'], dir)),
  ...['clean', 'osClean'].map((name) => define(name, ['text'], clean)),
  ...['ext', 'osExt'].map((name) => define(name, ['text'], extension)),
  ...['isAbs', 'osIsAbs'].map((name) => define(name, ['string'], (path) => path.startsWith('/'))),
]
