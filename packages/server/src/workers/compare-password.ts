// A password is compared with bcrypt's hash of it off the event loop: that takes a tenth of a second and more.
import { Worker } from 'node:worker_threads'
import { ChartferryError, messageOf } from '@chartferry/core'
import type { PasswordWork } from './password-worker.ts'

/** In a thread of its own, which ends with it. Throws INTERNAL. */
export async function comparePassword(password: string, hash: string): Promise<boolean> {
  const file = new URL(`./password-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
  const worker = new Worker(file, { workerData: { password, hash } satisfies PasswordWork })
  const { promise, resolve, reject } = Promise.withResolvers<boolean>()
  const broken = (cause: unknown): void =>
    reject(new ChartferryError('INTERNAL', `a password could not be compared: ${messageOf(cause)}`, { cause }))
  worker.once('message', resolve)
  worker.once('error', broken)
  worker.once('exit', () => broken('the thread ended'))
  try {
    return await promise
  } finally {
    await worker.terminate()
  }
}
