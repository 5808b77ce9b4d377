// Notes which hosted archives are pulled, for the repositories that ask for it.

import type { Wrap } from '../repository/chart-repository.ts'
import type { PullDates } from './pull-dates.ts'

/** An answer counts as a pull. */
export function withPullDates(dates: PullDates, names: ReadonlySet<string>): Wrap {
  return (next) => ({
    ...next,
    archive: async (repository, path, options) => {
      const answer = await next.archive(repository, path, options)
      if (names.has(repository)) dates.note(repository, path)
      return answer
    },
  })
}
