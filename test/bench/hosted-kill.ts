// 50 clients push 1,000 versions while 50 read and servers are killed ten times: one, two and three servers on a folder,
// and on a bucket; beside a real ChartMuseum where CHARTMUSEUM_BIN names one. Arguments: which of them to run.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type KillOptions, ownCommand, pushAndKill } from '../kit/kill-pushes.ts'
import { chartmuseumStorage, startS3 } from '../kit/s3.ts'

const whole = { writers: 50, readers: 50, versions: 1000, kills: 10 }
const wanted = process.argv.slice(2)

async function run(title: string, options: Omit<KillOptions, keyof typeof whole>): Promise<void> {
  if (wanted.length > 0 && !wanted.some((part) => title.includes(part))) return
  const start = performance.now()
  const outcome = await pushAndKill({ ...whole, ...options }).catch((thrown: unknown) => String(thrown))
  console.log(`${title}: ${JSON.stringify(outcome)} in ${Math.round((performance.now() - start) / 1000)} s`)
}

async function onFolder(run: (storage: readonly string[]) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'chartferry-kill-'))
  await run(['--storage=local', `--storage-local-rootdir=${folder}`])
  await rm(folder, { recursive: true, force: true })
}

for (const servers of [1, 2, 3])
  await onFolder((storage) => run(`folder, ${servers}`, { command: ownCommand, servers, storage, mayLag: 500 }))

for (const servers of [1, 2, 3]) {
  if (wanted.length > 0 && !wanted.some((part) => `bucket, ${servers}`.includes(part))) continue
  const s3 = await startS3()
  await run(`bucket, ${servers}`, { command: ownCommand, servers, ...chartmuseumStorage(s3), mayLag: 5000 })
  await s3.close()
}

const real = process.env.CHARTMUSEUM_BIN
if (real !== undefined) {
  for (const servers of [1, 2])
    await onFolder((storage) =>
      run(`ChartMuseum, folder, ${servers}`, { command: [real], servers, storage, mayLag: 5000 }),
    )
}
