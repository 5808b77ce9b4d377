// A real Redis that can be away: stopped, frozen, started again on the same port.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { freePort } from './free-port.ts'

export interface TestRedis {
  readonly url: string
  /** Starts it, and waits until it takes connections. */
  start(): Promise<void>
  /** Ends it at once; what it held is gone. */
  stop(): Promise<void>
  /** Connections stay open, and nothing is answered, until it is told to go on. */
  freeze(): void
  goOn(): void
}

/** Chooses a port; starts nothing yet. */
export async function prepareRedis(command: string): Promise<TestRedis> {
  const port = await freePort()
  let child: ChildProcess | undefined
  return {
    url: `redis://127.0.0.1:${port}`,
    start: async () => {
      child = spawn(command, ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], {
        stdio: 'ignore',
      })
      while (!(await takesConnections(port)));
    },
    stop: async () => {
      if (child === undefined) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
      child = undefined
    },
    freeze: () => void child?.kill('SIGSTOP'),
    goOn: () => void child?.kill('SIGCONT'),
  }
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      done(true)
    })
    socket.once('error', () => done(false))
  })
}
