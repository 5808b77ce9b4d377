// Where a hosted repository lies in the store: its whole path is one segment of a key, so that none can lie in another.
import { ChartferryError } from '@chartferry/core'

/**
 * The folder of a repository, with `/` at its end. Throws REPOSITORY_NOT_FOUND for a path that is too long to be kept.
 */
export function repositoryFolder(repository: string): string {
  const segment = repository.replace(
    /^\.|[^A-Za-z0-9._-]/gu,
    (character) => `+${Buffer.from(character).toString('hex').toUpperCase()}.`,
  )
  if (segment.length > 240) throw new ChartferryError('REPOSITORY_NOT_FOUND', 'the path of the repository is too long')
  return `hosted/${segment === '' ? '+' : segment}/`
}
