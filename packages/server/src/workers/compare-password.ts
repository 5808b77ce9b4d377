// A password is compared with bcrypt's hash of it off the event loop: that takes a tenth of a second and more.

import { ChartferryError } from '@chartferry/core'
import { messageOf } from '@chartferry/core/internal'
import { askThread } from './ask-thread.ts'
import type { PasswordWork } from './password-worker.ts'

/** In a thread of its own, which ends with it. Throws INTERNAL. */
export async function comparePassword(password: string, hash: string): Promise<boolean> {
  try {
    return await askThread<boolean>('password', { password, hash } satisfies PasswordWork)
  } catch (cause) {
    throw new ChartferryError('INTERNAL', `a password could not be compared: ${messageOf(cause)}`, { cause })
  }
}
