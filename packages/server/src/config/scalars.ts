// The forms of single settings: each takes what a person writes and gives what the server works with.
import * as v from 'valibot'
import { parseDuration, parseShare, parseSize } from './units.ts'

type Setting<Input, Output> = v.GenericSchema<Input, Output>

/** `30s`, `5m`, `1h`; gives milliseconds. */
export const duration: Setting<string, number> = v.pipe(
  v.string('write it as 30s, 5m or 1h'),
  v.check((value) => parseDuration(value) !== undefined, 'write it as 30s, 5m or 1h'),
  v.transform((value) => parseDuration(value) ?? 0),
)

/** `1000`, `64KiB`, `20MiB`; gives bytes. */
export const size: Setting<string | number, number> = v.pipe(
  v.union([v.string(), v.number()], 'write it as 1000, 64KiB or 20MiB'),
  v.check((value) => parseSize(String(value)) !== undefined, 'write it as 1000, 64KiB or 20MiB'),
  v.transform((value) => parseSize(String(value)) ?? 0),
)

/** `0%` to `100%`; gives 0 to 1. */
export const share: Setting<string, number> = v.pipe(
  v.string('write it as 0% to 100%'),
  v.check((value) => parseShare(value) !== undefined, 'write it as 0% to 100%'),
  v.transform((value) => parseShare(value) ?? 0),
)

/** A whole number from 1 on. */
export const count: Setting<number, number> = v.pipe(
  v.number('must be a whole number'),
  v.integer('must be a whole number'),
  v.minValue(1, 'must be at least 1'),
)

export interface Address {
  readonly host: string
  readonly port: number
}

/** `host:port`, `:port` or `[::1]:port`. */
export const listenAddress: Setting<string, Address> = v.pipe(
  v.string('write it as host:port'),
  v.regex(/^(\[[0-9a-fA-F:]+\]|[^\s:[\]]*):\d{1,5}$/, 'write it as host:port'),
  v.transform((value) => {
    const at = value.lastIndexOf(':')
    return { host: value.slice(0, at).replace(/^\[|\]$/g, '') || '0.0.0.0', port: Number(value.slice(at + 1)) }
  }),
  v.check(({ port }) => port <= 65_535, 'the port must be below 65536'),
)

export const httpUrl: Setting<string, string> = v.pipe(
  v.string('must be an http or https URL'),
  v.check((value) => /^https?:$/.test(URL.parse(value)?.protocol ?? ''), 'must be an http or https URL'),
)

/** Of a chart repository, or of a registry. */
export const upstreamUrl: Setting<string, string> = v.pipe(
  v.string('must be an http, https or oci URL'),
  v.check(
    (value) => /^https?:$/.test(URL.parse(value)?.protocol ?? '') || /^oci:\/\/[^/\s@?#]+(\/[^\s?#@:]*)?$/.test(value),
    'must be an http, https or oci URL',
  ),
)

export const text: Setting<string, string> = v.pipe(v.string('must be text'), v.nonEmpty('must not be empty'))

export const flag: Setting<boolean, boolean> = v.boolean('must be true or false')
