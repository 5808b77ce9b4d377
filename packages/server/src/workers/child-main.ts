// A process that works on charts for the server: each question is answered by a thread of its own, whose stack is large
// enough for Helm's bound of nested includes, and whose memory is bounded.
import process from 'node:process'
import { askThread } from './ask-thread.ts'
import { answerOf, type ThreadAnswer } from './thread-answer.ts'

/** The files `<task>-worker` of this folder that a child may be asked to run. */
export type ChildTask = 'images' | 'contents' | 'relocate'

/** What a child is asked. */
export interface ChildQuestion {
  readonly task: ChildTask
  /** What the thread is started with. */
  readonly work: object
  /** MiB of heap. */
  readonly memory: number
  /** Bytes. */
  readonly mostAnswer: number
}

/** What a child says before its answer: what it has begun with. */
export interface ChildNote {
  readonly note: string
}

/** MiB. */
const stack = 64
const youngHeap = 16

async function answer({ task, work, memory, mostAnswer }: ChildQuestion): Promise<ThreadAnswer> {
  const limits = { stackSizeMb: stack, maxOldGenerationSizeMb: memory, maxYoungGenerationSizeMb: youngHeap }
  try {
    const given = await askThread<ThreadAnswer, string>(task, work, {
      limits,
      onPart: (note) => process.send?.({ note } satisfies ChildNote),
    })
    if ('bytes' in given && given.bytes.length > mostAnswer)
      return { code: 'RENDER_FAILED', message: `gives ${given.bytes.length} bytes, and may give ${mostAnswer}` }
    return given
  } catch (thrown) {
    const isMemory = thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_WORKER_OUT_OF_MEMORY'
    if (isMemory)
      return { code: 'RENDER_FAILED', message: `needs more than the ${memory} MiB of memory that it may have` }
    return answerOf(() => Promise.reject(thrown))
  }
}

process.on('message', (question: ChildQuestion) => {
  void answer(question).then((reply) => process.send?.(reply))
})
// Without the server there is nobody to work for, nor for a helm that runs for us.
process.on('disconnect', () => {
  if (process.platform !== 'win32') process.kill(-process.pid, 'SIGKILL')
  process.exit()
})
