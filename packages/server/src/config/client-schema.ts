// The form of how another server is reached, the same for upstreams of charts and for registries of images.
import * as v from 'valibot'
import { flag, text } from './scalars.ts'

/** How a server is reached, and who we are there, as the file has it. */
export interface ClientDocument {
  readonly plainHttp?: boolean | undefined
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly passwordFile?: string | undefined
  readonly token?: string | undefined
  readonly tokenFile?: string | undefined
  readonly caFile?: string | undefined
  readonly certFile?: string | undefined
  readonly keyFile?: string | undefined
  readonly insecureSkipTlsVerify: boolean
  readonly trustRealms: readonly string[]
}

type Optional<Value> = v.OptionalSchema<v.GenericSchema<Value>, undefined>
type Defaulted<Value> = v.OptionalSchema<v.GenericSchema<Value>, Value & ([] | boolean)>

interface ClientEntries {
  readonly plainHttp: Optional<boolean>
  readonly username: Optional<string>
  readonly password: Optional<string>
  readonly passwordFile: Optional<string>
  readonly token: Optional<string>
  readonly tokenFile: Optional<string>
  readonly caFile: Optional<string>
  readonly certFile: Optional<string>
  readonly keyFile: Optional<string>
  readonly insecureSkipTlsVerify: Defaulted<boolean>
  readonly trustRealms: v.OptionalSchema<v.GenericSchema<string[]>, readonly []>
}

const hosts = v.array(text, 'must be a list')

/** The settings of a client. */
export const clientSettings: ClientEntries = {
  plainHttp: v.optional(flag),
  username: v.optional(text),
  password: v.optional(v.string('must be text')),
  passwordFile: v.optional(text),
  token: v.optional(text),
  tokenFile: v.optional(text),
  caFile: v.optional(text),
  certFile: v.optional(text),
  keyFile: v.optional(text),
  insecureSkipTlsVerify: v.optional(flag, false),
  trustRealms: v.optional(hosts, []),
}
