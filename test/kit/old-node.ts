// A Node that is too old for chartferry, as many machines have it: found on PATH, else fetched by npm.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

let found: string | undefined | false = false

/** The folder of a `node` of version 18 or 20; undefined where there is none and none can be had. */
export function oldNodeFolder(): string | undefined {
  if (found === false) found = onPath() ?? fetched()
  return found
}

function onPath(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.find((folder) => folder !== '' && existsSync(join(folder, 'node')) && isOld(join(folder, 'node')))
}

function isOld(node: string): boolean {
  return /^v(?:18|20)\./.test(spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout ?? '')
}

function fetched(): string | undefined {
  const args = ['-y', '-p', `node-${process.platform}-${process.arch}@20`, '--', 'node', '-p', 'process.execPath']
  const { status, stdout } = spawnSync('npx', args, { encoding: 'utf8' })
  const node = (stdout ?? '').trim()
  return status === 0 && isOld(node) ? dirname(node) : undefined
}
