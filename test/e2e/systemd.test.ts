// The unit in deploy/systemd: systemd understands it, and what it starts runs, reads its configuration again and stops as it says.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseConfig } from '@chartferry/server'
import { describe, expect, it } from 'vitest'
import { ask } from '../kit/server.ts'
import { describeWithTools } from '../kit/tools.ts'

const file = join(import.meta.dirname, '../../deploy/systemd/chartferry.service')
const bin = join(import.meta.dirname, '../../packages/cli/src/bin.ts')
const unit = await readFile(file, 'utf8')
const setting = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1] ?? ''

describeWithTools('the unit, read by systemd', ['systemd-analyze'], (paths) => {
  const verify = (path: string): { readonly status: number | null; readonly said: string } => {
    const run = spawnSync(paths['systemd-analyze'], ['verify', '--man=no', path], { encoding: 'utf8' })
    return { status: run.status, said: run.stdout + run.stderr }
  }

  it('has no fault', () => expect(verify(file)).toEqual({ status: 0, said: '' }))

  it('would be told about one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chartferry-unit-'))
    await writeFile(join(folder, 'chartferry.service'), unit.replace('ProtectClock', 'ProtectClok'))
    expect(verify(join(folder, 'chartferry.service')).said).toContain('ProtectClok')
    await rm(folder, { recursive: true })
  })
})

describe('the unit', () => {
  it('gives the service its folders, and longer to stop than it takes', async () => {
    expect(setting('Environment')).toContain(`CHARTFERRY_DATA=/var/lib/${setting('StateDirectory')}`)
    expect(setting('ExecStart')).toContain(
      `--server-config /etc/${setting('ConfigurationDirectory')}/chartferry-server.yaml`,
    )
    expect(setting('EnvironmentFile')).toBe(`-/etc/${setting('ConfigurationDirectory')}/environment`)
    const { stopWithin, drainFor } = await parseConfig('', { file: 'none', environment: {}, overrides: {} })
    expect(Number(setting('TimeoutStopSec')) * 1000).toBeGreaterThan(stopWithin + drainFor)
  })

  it('starts a server that reloads and stops by the signals that systemd sends', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chartferry-unit-'))
    await mkdir(join(folder, 'bin'))
    const command = `#!/bin/sh\nexec "${process.execPath}" --conditions=@chartferry/source "${bin}" "$@"\n`
    await writeFile(join(folder, 'bin', 'chartferry'), command)
    await chmod(join(folder, 'bin', 'chartferry'), 0o755)
    const configuration = join(folder, 'chartferry-server.yaml')
    const named = (name: string): string => `listen: 127.0.0.1:0\nrepositories: { ${name}: { kind: hosted } }\n`
    await writeFile(configuration, named('first'))
    const [program = '', ...args] = setting('ExecStart')
      .replace('/etc/chartferry/chartferry-server.yaml', configuration)
      .split(' ')
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PATH: [join(folder, 'bin'), process.env.PATH].join(delimiter),
        CHARTFERRY_DATA: join(folder, 'data'),
      },
    })
    const ended = once(child, 'exit')
    const found = async (lines: AsyncIterable<string>, wanted: RegExp): Promise<string> => {
      for await (const line of lines) {
        const match = wanted.exec(line)
        if (match !== null) return match[1] ?? ''
      }
      throw new Error(`the server ended without saying ${wanted}`)
    }
    const said = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const logged = createInterface({ input: child.stderr })[Symbol.asyncIterator]()
    const again = <Value>(lines: AsyncIterator<Value>): AsyncIterable<Value> => ({
      [Symbol.asyncIterator]: () => ({ next: () => lines.next() }),
    })
    const url = await found(again(said), /(http:\/\/127\.0\.0\.1:\d+)/)
    expect((await ask(url, '/first/index.yaml')).status).toBe(200)
    await writeFile(configuration, named('second'))
    expect(setting('ExecReload')).toBe('/bin/kill -HUP $MAINPID')
    child.kill('SIGHUP')
    await found(again(logged), /(the configuration was read again)/)
    expect((await ask(url, '/second/index.yaml')).status).toBe(200)
    child.kill('SIGTERM')
    child.stdout.resume()
    child.stderr.resume()
    expect(await ended).toEqual([0, null])
    await rm(folder, { recursive: true, force: true })
  }, 60_000)
})
