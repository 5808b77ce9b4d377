// Writes docs/errors.md from the table of errors, docs/cli.md from the help of each command, the floors of docs/architecture.md, the flags of
// docs/chartmuseum.md, and the schema of the server's configuration from the form that checks it.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errorTable } from '@chartferry/core/internal'
import { toJsonSchema } from '@valibot/to-json-schema'

import { commands } from '../packages/cli/src/commands.ts'
import { optionsPage } from '../packages/cli/src/help/help-form.ts'
import { openProgram } from '../packages/cli/src/main.ts'
import { type FlagKind, flags } from '../packages/server/src/chartmuseum/flags.ts'
import { configSchema } from '../packages/server/src/config/config-schema.ts'
import { wingArrows } from '../test/architecture/faults.ts'
import { cliFloors, type Floors, serverFloors, wings } from '../test/architecture/floors.ts'
import { readSources, readTexts } from '../test/architecture/sources.ts'

const kinds: Readonly<Record<string, { readonly exit: number; readonly status: string }>> = {
  invalid: { exit: 2, status: '400' },
  'not-found': { exit: 3, status: '404' },
  denied: { exit: 4, status: '401 or 403' },
  integrity: { exit: 5, status: '502' },
  limit: { exit: 6, status: '413' },
  conflict: { exit: 7, status: '409' },
  unavailable: { exit: 8, status: '502, 503 or 504' },
  cancelled: { exit: 130, status: '499' },
}

/** The text of docs/errors.md. */
export function errorsPage(): string {
  const sections = Object.entries(kinds).map(([kind, { exit, status }]) => {
    const rows = Object.entries(errorTable)
      .filter(([, [of]]) => of === kind)
      .map(([code, [, meaning, remedy]]) => `| \`${code}\` | ${meaning} | ${remedy} |`)
    return `## ${kind}\n\nExit code ${exit}; HTTP status ${status} unless the code has its own.\n\n| code | what happened | what to do |\n|---|---|---|\n${rows.join('\n')}\n`
  })
  return `# Errors\n\nEvery failure has a code. The exit code of the command and the HTTP status of the server follow from its kind. Exit code 1 is a fault of chartferry itself.\n\n${sections.join('\n')}`
}

type Command = Awaited<ReturnType<typeof openProgram>>

/** What `--help` prints on a terminal of 100 columns. */
function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({
    writeOut: (part) => {
      text += part
    },
    getOutHelpWidth: () => 100,
  })
  command.outputHelp()
  return text.trim()
}

/** The text of docs/cli.md. */
export async function commandsPage(): Promise<string> {
  const all: Command[] = [await openProgram(undefined)]
  for (const { name } of commands) {
    const command = (await openProgram(name)).commands.find((one) => one.name() === name)
    if (command !== undefined) all.push(command, ...command.commands)
  }
  const sections = all.map((command) => {
    const names: string[] = []
    for (let one: Command | null = command; one !== null; one = one.parent) names.unshift(one.name())
    return `## ${names.join(' ')}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\`\n`
  })
  const leaves = all.filter((command) => command.commands.length === 0)
  sections.splice(1, 0, `## Common options\n\n\`\`\`text\n${optionsPage(leaves, 100).trim()}\n\`\`\`\n`)
  return `# The command line\n\nResults go to standard output, everything else to standard error. \`--json\` prints one document; \`NO_COLOR\` is respected. Exit codes: [errors.md](errors.md).\n\n${sections.join('\n')}`
}

const flagKinds: Readonly<Record<FlagKind, string>> = {
  text: 'text',
  count: 'number',
  flag: 'true or false',
  duration: 'duration',
  pairs: 'text',
}

/** docs/chartmuseum.md with its table of flags as they are now. */
export function chartmuseumPage(page: string): string {
  const rows = flags.map(
    ({ name, variable, key, kind, fallback, effect, note }) =>
      `| \`--${name}\` | \`${variable}\` | \`${key}\` | ${flagKinds[kind]} | ${fallback === '' ? '' : `\`${fallback}\``} | ${effect} | ${note} |`,
  )
  const table = `| flag | environment | file | value | default | | |\n|---|---|---|---|---|---|---|\n${rows.join('\n')}\n`
  return page.replace(/\| flag \| [\s\S]*?\n(?=\n)/, () => table)
}

/** docs/architecture.md with its tables of wings and floors, and the arrows between wings, as the test of the architecture has them. */
export function architecturePage(page: string): string {
  const floorsOf = (floors: Floors): string =>
    floors
      .map((floor) => floor.join(', '))
      .reverse()
      .join(' → ')
  const wingRows = wings.map(
    ({ name, about, sees, floors }) => `| ${name} | ${about} | ${sees.join(', ') || '-'} | ${floorsOf(floors)} |`,
  )
  const packageRows = [`| server | ${floorsOf(serverFloors)} |`, `| cli | ${floorsOf(cliFloors)} |`]
  const arrows = wingArrows(readSources(readTexts(join(import.meta.dirname, '../packages/core/src'))))
  const made = [
    `| wing of core | what it is | may see | its floors, highest first |\n|---|---|---|---|\n${wingRows.join('\n')}`,
    `| package | its floors, highest first |\n|---|---|\n${packageRows.join('\n')}`,
    `Imports from wing to wing: ${arrows.map((arrow) => arrow.replace(' -> ', ' → ').replace(/: \d+$/, '')).join(', ')}.`,
  ].join('\n\n')
  return page.replace(
    /(<!-- floors: made by scripts\/write-docs\.ts -->\n)[\s\S]*?(\n<!-- end -->)/,
    (_, head, end) => `${head}\n${made}\n${end}`,
  )
}

/** The text of packages/server/chartferry-server.schema.json. */
export function configurationSchema(): string {
  // What the form checks beyond types (durations, URLs, files) has no words in a schema; the server tells it.
  const schema = toJsonSchema(configSchema as Parameters<typeof toJsonSchema>[0], {
    typeMode: 'input',
    errorMode: 'ignore',
    target: 'draft-07',
  })
  return `${JSON.stringify({ ...schema, title: 'chartferry-server.yaml' }, null, 2)}\n`
}

if (process.argv[1] === import.meta.filename) {
  const docs = join(import.meta.dirname, '../docs')
  await writeFile(join(docs, 'errors.md'), errorsPage())
  await writeFile(join(docs, 'cli.md'), await commandsPage())
  const architecture = join(docs, 'architecture.md')
  await writeFile(architecture, architecturePage(await readFile(architecture, 'utf8')))
  const chartmuseum = join(docs, 'chartmuseum.md')
  await writeFile(chartmuseum, chartmuseumPage(await readFile(chartmuseum, 'utf8')))
  await writeFile(join(docs, '../packages/server/chartferry-server.schema.json'), configurationSchema())
}
