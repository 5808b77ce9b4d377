import { describe, expect, it } from 'vitest'
import { flagsElsewhere, variableOf } from '../../src/help/flag-defaults.ts'
import { openProgram } from '../../src/main.ts'

async function found(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  declared: Readonly<Record<string, unknown>> = {},
): Promise<readonly string[]> {
  const command = (await openProgram('copy')).commands.find((one) => one.name() === 'copy')
  if (command === undefined) throw new Error('there is no copy')
  return flagsElsewhere(command, args, { environment, declared, file: 'chartferry.yaml' })
}

describe('flagsElsewhere', () => {
  it('takes flags from the environment, before those of the file', async () => {
    expect(
      await found(
        [],
        { CHARTFERRY_TO: 'r.corp/m', CHARTFERRY_PLAIN_HTTP: 'true' },
        { to: 'other', platform: ['linux/amd64', 'linux/arm64'] },
      ),
    ).toEqual(
      expect.arrayContaining(['--to=r.corp/m', '--plain-http', '--platform=linux/amd64', '--platform=linux/arm64']),
    )
    expect(await found([], {}, { to: 'other' })).toEqual(['--to=other'])
  })

  it('leaves to the command line what it says, also the opposite', async () => {
    expect(
      await found(['--to', 'mine', '--no-referrers', '-q'], {
        CHARTFERRY_TO: 'a',
        CHARTFERRY_NO_REFERRERS: '1',
        CHARTFERRY_QUIET: '1',
      }),
    ).toEqual([])
    expect(await found(['--to=mine'], { CHARTFERRY_TO: 'a' })).toEqual([])
  })

  it('refuses a switch that is neither on nor off', async () => {
    expect(await found([], { CHARTFERRY_PLAIN_HTTP: 'no' })).toEqual([])
    await expect(found([], { CHARTFERRY_PLAIN_HTTP: 'maybe' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await expect(found([], {}, { to: { a: 1 } })).rejects.toThrow('chartferry.yaml: flags.to: a text is wanted')
  })

  it('knows no variable for what is no setting', () => {
    expect(variableOf({ long: '--help' })).toBeUndefined()
    expect(variableOf({ long: '--config' })).toBeUndefined()
  })
})
