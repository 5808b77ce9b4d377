// Work on charts that nobody vouches for, in processes of their own: what such a chart exhausts is theirs, and ends
// with them. A thread is no wall: one that runs out of memory takes its process along.
import { type ChildProcess, fork } from 'node:child_process'
import { rm } from 'node:fs/promises'
import process from 'node:process'
import { ChartferryError, isChartferryError } from '@chartferry/core'
import type { ChildNote, ChildQuestion, ChildTask } from './child-main.ts'
import { makeScratch, sweepScratch } from './scratch-folders.ts'
import type { ThreadAnswer } from './thread-answer.ts'

export interface ChildPoolOptions {
  /** Processes at a time; what comes then waits for its turn. Default: 2. */
  readonly size?: number
  /** MiB of heap that a task may take. Default: 512. */
  readonly memory?: number
  /** Milliseconds that a task may take. Default: a minute. */
  readonly within?: number
  /** Bytes of an answer. Default: 16 MiB. */
  readonly mostAnswer?: number
  /** Tasks after which a process is replaced. Default: 50. */
  readonly tasks?: number
  /** Milliseconds after which a process with nothing to do is ended. Default: 10 seconds. */
  readonly idle?: number
}

export interface ChildPool {
  /**
   * The bytes that the task answers. Throws CANCELLED when the signal fires, what the task throws, and RENDER_FAILED with the
   * reason when it exceeds its memory, time or output, or breaks down. `onNote` hears what it has begun with.
   */
  ask(task: ChildTask, work: object, signal?: AbortSignal, onNote?: (note: string) => void): Promise<Buffer>
  /** Ends all processes, and what they do. */
  close(): void
}

interface Child {
  readonly process: ChildProcess
  left: number
  idle?: NodeJS.Timeout
}

/** Starts nothing yet; sweeps what servers that were killed have left of theirs. */
export function childPool(options: ChildPoolOptions = {}): ChildPool {
  const { size = 2, memory = 512, within = 60_000, mostAnswer = 16 << 20, tasks = 50, idle = 10_000 } = options
  const free: Child[] = []
  const all = new Set<Child>()
  const waiting: (() => void)[] = []
  let busy = 0
  let isClosed = false
  void sweepScratch()

  function start(): Child {
    const scratch = makeScratch()
    const forked = fork(childFile(), [], {
      serialization: 'advanced',
      // No variable of ours: there may be passwords among them.
      env: { TMPDIR: scratch },
      // A group of its own: a helm that it runs ends with it.
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    const child: Child = { process: forked, left: tasks }
    forked.once('close', () => void rm(scratch, { recursive: true, force: true }).catch(() => {}))
    all.add(child)
    const forget = (): void => {
      all.delete(child)
      const at = free.indexOf(child)
      if (at >= 0) free.splice(at, 1)
    }
    forked.once('exit', forget).once('error', forget)
    forked.unref()
    forked.channel?.unref()
    return child
  }

  function take(): Child {
    const child = free.pop() ?? start()
    clearTimeout(child.idle)
    return child
  }

  function giveBack(child: Child): void {
    child.left -= 1
    if (child.left <= 0 || isClosed || !child.process.connected) {
      end(child)
      return
    }
    free.push(child)
    child.idle = setTimeout(() => end(child), idle).unref()
  }

  async function turn(signal: AbortSignal | undefined): Promise<void> {
    if (busy < size) {
      busy += 1
      return
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    waiting.push(resolve)
    const leave = (): void => {
      const at = waiting.indexOf(resolve)
      if (at < 0) return
      waiting.splice(at, 1)
      reject(cancelled())
    }
    signal?.addEventListener('abort', leave, { once: true })
    if (signal?.aborted === true) leave()
    await promise.finally(() => signal?.removeEventListener('abort', leave))
  }

  function leaveTurn(): void {
    const next = waiting.shift()
    if (next === undefined) busy -= 1
    else next()
  }

  return {
    ask: async (task, work, signal, onNote) => {
      if (isClosed || isOver(signal)) throw cancelled()
      await turn(signal)
      try {
        // It may have fired while this one waited.
        if (isOver(signal)) throw cancelled()
        const child = take()
        try {
          const answer = await askOnce(child.process, { task, work, memory, mostAnswer }, within, { signal, onNote })
          giveBack(child)
          return answer
        } catch (thrown) {
          // A process whose task threw in order can go on.
          if (isChartferryError(thrown) && thrown.details.isAnswer === true) giveBack(child)
          else end(child)
          throw thrown
        }
      } finally {
        leaveTurn()
      }
    },
    close: () => {
      isClosed = true
      for (const child of all) end(child)
    },
  }
}

function end(child: Child): void {
  clearTimeout(child.idle)
  const { pid } = child.process
  try {
    if (pid !== undefined && process.platform !== 'win32') process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
  child.process.kill('SIGKILL')
}

const isOver = (signal: AbortSignal | undefined): boolean => signal?.aborted === true

function cancelled(): ChartferryError {
  return new ChartferryError('CANCELLED', 'stopped while a chart was being read')
}

function askOnce(
  child: ChildProcess,
  question: ChildQuestion,
  within: number,
  {
    signal,
    onNote,
  }: { readonly signal: AbortSignal | undefined; readonly onNote: ((note: string) => void) | undefined },
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void => settle(() => reject(new ChartferryError('RENDER_FAILED', reason)))
    const settle = (finish: () => void): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
      child.off('message', take).off('exit', broken).off('error', broken)
      finish()
    }
    const stop = (): void => settle(() => reject(cancelled()))
    const broken = (): void =>
      fail(`needs more than the ${question.memory} MiB of memory that it may have, or broke down`)
    const take = (answer: ThreadAnswer | ChildNote): void => {
      if ('note' in answer) {
        onNote?.(answer.note)
        return
      }
      settle(() => {
        if ('bytes' in answer) resolve(Buffer.from(answer.bytes))
        else reject(new ChartferryError(answer.code, answer.message, { details: { isAnswer: true } }))
      })
    }
    const timer = setTimeout(() => fail(`takes longer than ${within / 1000} s`), within)
    signal?.addEventListener('abort', stop, { once: true })
    child.on('message', take).on('exit', broken).on('error', broken)
    child.send(question, (error) => {
      if (error !== null) broken()
    })
  })
}

/** The compiled file beside the compiled one, the source beside the source. */
function childFile(): URL {
  return new URL(`./child-main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
}
