// Many callers of one thing become one call, and a caller that leaves does not stop it.
import { ChartferryError } from '@chartferry/core'
import type { Wrap } from './chart-repository.ts'
import type { Flights } from './single-flight.ts'

/** Makes equal questions that are asked at the same time one question. The call itself gets no signal. */
export function withSingleFlight({ share }: Flights): Wrap {
  return (next) => ({
    ...next,
    index: (repository, { signal, via, anyAge = false } = {}) =>
      untilAborted(
        share(`index ${anyAge} ${repository}`, () => next.index(repository, { via, anyAge })),
        signal,
      ),
    revision: async (repository, { signal, via } = {}) =>
      untilAborted(
        share(`revision ${repository}`, async () => next.revision?.(repository, { via })),
        signal,
      ),
    archive: (repository, path, { signal, via } = {}) =>
      untilAborted(
        share(`archive ${repository} ${path}`, () => next.archive(repository, path, { via })),
        signal,
      ),
    provenance: (repository, path, { signal, via } = {}) =>
      untilAborted(
        share(`provenance ${repository} ${path}`, () => next.provenance(repository, path, { via })),
        signal,
      ),
  })
}

/** The promise's outcome, or CANCELLED as soon as the signal fires. */
export async function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return promise
  const left = Promise.withResolvers<never>()
  const leave = (): void => left.reject(new ChartferryError('CANCELLED', 'the caller has left'))
  if (signal.aborted) leave()
  signal.addEventListener('abort', leave)
  try {
    return await Promise.race([promise, left.promise])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}
