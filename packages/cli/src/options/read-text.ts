// Reads a text file that was named on the command line.
import { readFile } from 'node:fs/promises'
import { ChartferryError, messageOf } from '@chartferry/core'

/** The text of a file; `what` says what it is in the message. Throws FILE_NOT_FOUND. */
export async function readText(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new ChartferryError('FILE_NOT_FOUND', `${what} ${file}: ${messageOf(error)}`, { cause: error })
  }
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
