// Notices that files have changed, also where they are links that are put elsewhere, as secrets in a cluster are.
import { unwatchFile, watchFile } from 'node:fs'

export interface FileWatch {
  /** Looks at these from now on. */
  look(files: readonly string[]): void
  close(): void
}

/** Looks at files every so many milliseconds; 0 never does. It keeps no process alive. */
export function watchFiles(every: number, onChange: () => void): FileWatch {
  let watched: readonly string[] = []
  const noticed = (): void => onChange()
  const look = (files: readonly string[]): void => {
    for (const file of watched) unwatchFile(file, noticed)
    watched = every === 0 ? [] : [...new Set(files)]
    for (const file of watched) watchFile(file, { interval: every, persistent: false }, noticed)
  }
  return { look, close: () => look([]) }
}
