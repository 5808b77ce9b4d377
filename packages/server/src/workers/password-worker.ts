// The thread in which one password is compared with its hash: it answers whether they belong together, and ends.
import { parentPort, workerData } from 'node:worker_threads'
import { compareSync } from 'bcryptjs'

/** What a thread is started with. */
export interface PasswordWork {
  readonly password: string
  readonly hash: string
}

const { password, hash } = workerData as PasswordWork

parentPort?.postMessage(compareSync(password, hash))
