import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { type KillOutcome, ownCommand, pushAndKill } from '../kit/kill-pushes.ts'
import { chartmuseumStorage, startS3 } from '../kit/s3.ts'
import { describeWithTools } from '../kit/tools.ts'

const small = { command: ownCommand, writers: 10, readers: 5, versions: 60, kills: 2 }

function expectNothingLost(outcome: KillOutcome): void {
  expect(outcome.reads).toBeGreaterThan(0)
  expect(outcome).toEqual({
    acknowledged: small.versions,
    killed: small.kills,
    reads: outcome.reads,
    unlisted: 0,
    unserved: 0,
    twice: 0,
    staleReads: 0,
    brokenReads: 0,
    wrongRaces: 0,
  })
}

it('loses nothing when two servers on one folder are killed amid pushes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'chartferry-kill-'))
  const storage = ['--storage=local', `--storage-local-rootdir=${folder}`]
  expectNothingLost(await pushAndKill({ ...small, servers: 2, storage, mayLag: 500 }))
  await rm(folder, { recursive: true, force: true })
}, 120_000)

describeWithTools('on S3', ['versitygw'], () => {
  it('loses nothing when two servers on one bucket are killed amid pushes', async () => {
    const s3 = await startS3()
    expectNothingLost(await pushAndKill({ ...small, servers: 2, ...chartmuseumStorage(s3), mayLag: 2000 }))
    await s3.close()
  }, 120_000)
})
