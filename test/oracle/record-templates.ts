// Records what Go's text/template makes of the template cases; needs a Go toolchain: `node test/oracle/record-templates.ts`.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { randomTemplates } from './random-templates.ts'
import { templateData, writtenTemplates } from './template-cases.ts'

/** The seed and number of the random templates that are kept. */
const seed = 1
const count = 1500

const templates = [...writtenTemplates, ...randomTemplates(seed, count)]
const { status, stdout, stderr } = spawnSync('go', ['run', '.'], {
  cwd: fileURLToPath(new URL('go-templates', import.meta.url)),
  input: JSON.stringify({ data: templateData, templates }),
  encoding: 'utf8',
  maxBuffer: 1 << 28,
})
if (status !== 0) throw new Error(stderr)
const answers = JSON.parse(stdout) as readonly { readonly output?: string; readonly error?: string }[]
const lines = answers.map((answer) =>
  JSON.stringify(answer.error === undefined ? answer.output : { error: answer.error }),
)
writeFileSync(
  new URL('../../packages/core/test/helm/template/go-templates.json', import.meta.url),
  `{"seed":${seed},"count":${count},"answers":[\n${lines.join(',\n')}\n]}\n`,
)
