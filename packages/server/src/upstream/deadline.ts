// What a server may take in all for one answer.
import { ChartferryError } from '@chartferry/core'

/** Throws UPSTREAM_TIMEOUT when the call has not ended in time, CANCELLED when the outer signal fires. */
export async function withDeadline<Value>(
  milliseconds: number,
  where: string,
  signal: AbortSignal | undefined,
  call: (within: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const deadline = AbortSignal.timeout(milliseconds)
  try {
    return await call(signal === undefined ? deadline : AbortSignal.any([signal, deadline]))
  } catch (thrown) {
    if (!deadline.aborted || signal?.aborted === true) throw thrown
    throw new ChartferryError('UPSTREAM_TIMEOUT', `${where}: did not arrive completely within ${milliseconds} ms`, {
      cause: thrown,
      details: { reason: 'timeout' },
    })
  }
}
