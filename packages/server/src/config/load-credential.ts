// Reads what a server is sent of credentials: as they stand in the file, from variables, or from files of their own.
import type { Credential } from '@chartferry/core/internal'
import type { ClientDocument } from './client-schema.ts'
import type { Reading } from './reading.ts'

type CredentialDocument = Pick<ClientDocument, 'username' | 'password' | 'passwordFile' | 'token' | 'tokenFile'>

/** What an upstream is sent: a name with a password, or a token. Faults are told to the reading. */
export async function readCredential(document: CredentialDocument, reading: Reading): Promise<Credential | undefined> {
  const secret = async (setting: 'password' | 'token'): Promise<string | undefined> => {
    const [value, file] = [document[setting], document[`${setting}File`]]
    if (value !== undefined && file !== undefined)
      reading.tell(`has ${setting} and ${setting}File; give one of the two`)
    if (file !== undefined) return reading.secretFile(`${setting}File`, file)
    return value === undefined ? undefined : reading.expand(setting, value)
  }
  const username = document.username === undefined ? undefined : reading.expand('username', document.username)
  const [password, token] = [await secret('password'), await secret('token')]
  const hasPassword = (document.password ?? document.passwordFile) !== undefined
  const hasToken = (document.token ?? document.tokenFile) !== undefined
  if (hasToken && (hasPassword || username !== undefined))
    reading.tell('has a token and a username or password; give one of the two')
  if ((username !== undefined) !== hasPassword) reading.tell('username and password belong together')
  if (token !== undefined) return { kind: 'bearer', token }
  return username === undefined ? undefined : { kind: 'basic', username, password: password ?? '' }
}
