// A real containerd of our own: its root, state and socket in a folder, one image at a time.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

export interface RunningContainer {
  /** The first line of its standard output that the pattern fits, as the match. Throws when it ends before. */
  line(pattern: RegExp): Promise<RegExpExecArray>
  signal(name: 'SIGTERM' | 'SIGHUP'): Promise<void>
  /** Its exit code. */
  ended(): Promise<number>
}

export interface Containerd {
  /** Takes an OCI image layout in a folder; gives the names of its images. */
  import(layout: string, name: string): Promise<string>
  /** Fetches an image with the mirrors of a folder of hosts.toml files, and unpacks nothing. Throws with its words. */
  fetch(reference: string, hostsFolder: string): Promise<void>
  /** Runs an image with the host's network. */
  run(image: string, id: string, env: Readonly<Record<string, string>>): RunningContainer
  close(): Promise<void>
}

/** Starts containerd and waits until it answers. Root alone may. */
export async function openContainerd(paths: {
  readonly containerd: string
  readonly ctr: string
}): Promise<Containerd> {
  const folder = await mkdtemp(join(tmpdir(), 'chartferry-cd-'))
  const socket = join(folder, 'sock')
  // What runs containers keeps their names for the whole machine, by namespace.
  const namespace = basename(folder)
  const config = `version = 2
root = "${folder}/root"
state = "${folder}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "${socket}"
`
  await writeFile(join(folder, 'config.toml'), config)
  const daemon = spawn(paths.containerd, ['-c', join(folder, 'config.toml')], { stdio: 'ignore' })
  const ctr = (...args: readonly string[]): Promise<string> =>
    new Promise((done, fail) => {
      execFile(paths.ctr, ['-a', socket, '-n', namespace, ...args], (error, stdout, stderr) => {
        if (error === null) done(stdout)
        else fail(new Error(`ctr ${args.join(' ')}: ${stderr}`))
      })
    })
  while (!existsSync(socket)) {
    if (daemon.exitCode !== null) throw new Error(`containerd ended with ${daemon.exitCode}`)
    await new Promise((turn) => setImmediate(turn))
  }
  const running = new Map<string, ChildProcess>()
  return {
    import: async (layout, name) => {
      const archive = join(folder, 'image.tar')
      await new Promise<void>((done, fail) => {
        execFile('tar', ['-cf', archive, '-C', layout, '.'], (error) => (error === null ? done() : fail(error)))
      })
      await ctr('image', 'import', '--base-name', name, '--snapshotter', 'native', archive)
      await rm(archive)
      return (await ctr('image', 'ls', '-q')).trim()
    },
    fetch: async (reference, hostsFolder) => {
      await ctr('content', 'fetch', '--hosts-dir', hostsFolder, reference)
    },
    run: (image, id, env) => {
      const variables = Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`])
      const args = [
        '-a',
        socket,
        '-n',
        namespace,
        'run',
        '--rm',
        '--snapshotter',
        'native',
        '--net-host',
        ...variables,
        image,
        id,
      ]
      const child = spawn(paths.ctr, args, { stdio: ['ignore', 'pipe', 'pipe'] })
      running.set(id, child)
      let text = ''
      child.stdout.setEncoding('utf8').on('data', (more: string) => {
        text += more
      })
      child.stderr.setEncoding('utf8').on('data', (more: string) => {
        text += more
      })
      const exit = once(child, 'close') as Promise<[number | null]>
      return {
        line: async (pattern) => {
          for (let match = pattern.exec(text); ; match = pattern.exec(text)) {
            if (match !== null) return match
            if (child.exitCode !== null) throw new Error(`the container ended: ${text}`)
            await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), exit])
          }
        },
        signal: async (name) => void (await ctr('task', 'kill', '-s', name, id)),
        ended: async () => (await exit)[0] ?? -1,
      }
    },
    close: async () => {
      for (const [id, child] of running) {
        if (child.exitCode !== null) continue
        const left = once(child, 'close')
        await ctr('task', 'kill', '-s', 'SIGKILL', id)
        await left
      }
      const ended = once(daemon, 'close')
      daemon.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}
