// What a thread that works on a chart answers: bytes, or an error that can be sent.
import { type ErrorCode, isChartferryError } from '@chartferry/core'
import { messageOf } from '@chartferry/core/internal'

export type ThreadAnswer = { readonly bytes: Uint8Array } | { readonly code: ErrorCode; readonly message: string }

/** What is no error of ours comes from the chart: RENDER_FAILED. */
export async function answerOf(work: () => Promise<Uint8Array>): Promise<ThreadAnswer> {
  try {
    return { bytes: await work() }
  } catch (thrown) {
    return { code: isChartferryError(thrown) ? thrown.code : 'RENDER_FAILED', message: messageOf(thrown) }
  }
}
