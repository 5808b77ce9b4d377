// The table of repositories as a person reads it, with the lines to type next.
import type { RepositoryStatus } from './chart-repository.ts'

const longestSource = 60

/**
 * A table with a head, then lines to type: add the first proxied repository, push to the first hosted one, relocate a
 * chart.
 */
export function describeRepositories(repositories: readonly RepositoryStatus[], url: string): string {
  const head = { name: 'repository', kind: 'kind', source: 'source', state: 'state' }
  const rows = [head, ...repositories].map(({ name, kind, source, state }) => [name, kind, shorten(source), state])
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('   ')}`.trimEnd(),
  )
  const proxied = repositories.find(({ kind }) => kind === 'proxy')
  const hosted = repositories.find(({ kind }) => kind === 'hosted')
  const next = [
    ...(proxied === undefined ? [] : [`  helm repo add ${proxied.name} ${url}/${proxied.name}`]),
    ...(hosted === undefined ? [] : [`  curl --data-binary @mychart-1.0.0.tgz ${url}/api/${hosted.name}/charts`]),
    ...(proxied === undefined
      ? []
      : [`  chartferry relocate ${proxied.name}/CHART --to registry.example.com/mirror -d out/`]),
  ]
  return `${[...lines, '', ...next].join('\n')}\n`
}

function shorten(source: string): string {
  return source.length <= longestSource ? source : `${source.slice(0, longestSource - 1)}…`
}
