// A shell in a network of its own: nothing leads out of it, and what it started ends with it. Root alone may.
import { spawn } from 'node:child_process'

export interface ShellRun {
  readonly code: number
  readonly output: string
  readonly errors: string
}

/**
 * Runs a script with loopback alone. `addresses` are given to loopback beside 127.0.0.1; `hosts` stands in the place of
 * /etc/hosts.
 */
export function runWithoutNetwork(
  script: string,
  {
    cwd,
    env,
    addresses = [],
    hosts,
  }: {
    readonly cwd: string
    readonly env: NodeJS.ProcessEnv
    readonly addresses?: readonly string[]
    /** Path of the file. Default: the machine's own. */
    readonly hosts?: string
  },
): Promise<ShellRun> {
  const before = [
    'ip link set lo up',
    ...addresses.map((address) => `ip address add ${address}/32 dev lo`),
    ...(hosts === undefined ? [] : [`mount --bind '${hosts}' /etc/hosts`]),
  ]
  const args = ['--net', '--mount', '--pid', '--fork', '--kill-child', '/bin/sh', '-ec', [...before, script].join('\n')]
  return new Promise((done) => {
    const child = spawn('unshare', args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    let errors = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text
    })
    child.on('close', (code) => done({ code: code ?? 1, output, errors }))
  })
}
