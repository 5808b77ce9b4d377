// An emulator of Google Cloud Storage with one empty bucket.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { freePort } from './free-port.ts'

export interface TestGcs {
  readonly options: { readonly bucket: string; readonly endpoint: string }
  close(): Promise<void>
}

/** Starts fake-gcs-server on a free port; what it holds is gone with it. */
export async function startGcs(command: string): Promise<TestGcs> {
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  const place = ['-scheme', 'http', '-host', '127.0.0.1', '-port', String(port), '-public-host', `127.0.0.1:${port}`]
  const child: ChildProcess = spawn(command, ['-backend', 'memory', ...place], { stdio: 'ignore' })
  const make = (): Promise<Response | undefined> =>
    fetch(`${endpoint}/storage/v1/b?project=test`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'charts' }),
    }).catch(() => undefined)
  while ((await make())?.ok !== true)
    if (child.exitCode !== null) throw new Error(`fake-gcs-server ended with ${child.exitCode}`)
  return {
    options: { bucket: 'charts', endpoint },
    close: async () => {
      const ended = once(child, 'exit')
      if (child.kill('SIGKILL')) await ended
    },
  }
}
