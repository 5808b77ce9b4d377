// The tokens of YAML, as libyaml's scanner makes them.
import type { Text } from '../../template/value.ts'
import type { Mark } from './cursor.ts'

/** What a token is. */
export type TokenKind =
  | 'stream-end'
  | 'version-directive'
  | 'tag-directive'
  | 'document-start'
  | 'document-end'
  | 'block-sequence-start'
  | 'block-mapping-start'
  | 'block-end'
  | 'flow-sequence-start'
  | 'flow-sequence-end'
  | 'flow-mapping-start'
  | 'flow-mapping-end'
  | 'block-entry'
  | 'flow-entry'
  | 'key'
  | 'value'
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar'

/** A token and where it starts. */
export interface Token {
  readonly kind: TokenKind
  readonly mark: Mark
  /**
   * Of a scalar its value; of an anchor or alias its name; of a tag its handle; of a directive its version or handle.
   */
  readonly value?: Text
  /** Of a tag what follows the handle; of a tag directive the prefix. */
  readonly suffix?: string
  /** Whether a scalar is written without quotes. */
  readonly plain?: boolean
}
