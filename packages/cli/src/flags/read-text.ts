// Reads a file that was named on the command line.
import { readFile } from 'node:fs/promises'
import { ChartferryError } from '@chartferry/core'
import { messageOf } from '@chartferry/core/internal'

/** The bytes of a file; `what` says what it is in the message. Throws FILE_NOT_FOUND. */
export async function readBytes(file: string, what: string): Promise<Uint8Array> {
  try {
    return await readFile(file)
  } catch (error) {
    throw new ChartferryError('FILE_NOT_FOUND', `${what} ${file}: ${messageOf(error)}`, { cause: error })
  }
}

/** The text of a file. Throws as `readBytes`. */
export async function readText(file: string, what: string): Promise<string> {
  return new TextDecoder().decode(await readBytes(file, what))
}

/** Reads a file of certificates or keys. Throws FILE_NOT_FOUND. */
export async function readPem(file: string | undefined): Promise<string | undefined> {
  if (file === undefined || file === '') return undefined
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new ChartferryError('FILE_NOT_FOUND', `${file}: cannot be read`, { cause })
  }
}
