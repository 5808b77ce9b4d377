// Helm's reading of scalars as a schema of js-yaml, for index files, which are too large to be read with the place of
// every scalar.
import { defineScalarTag, FAILSAFE_SCHEMA, mergeTag, NOT_RESOLVED, type Schema } from 'js-yaml'
import { numberText, plainValue } from './scalar-value.ts'

/**
 * Scalars as Helm reads fields of text: a number is the text that Go prints for it; booleans and null stay. Unknown
 * tags of scalars are ignored.
 */
export const textSchema: Schema = FAILSAFE_SCHEMA.withTags(
  mergeTag,
  defineScalarTag('tag:chartferry,2026:plain', {
    implicit: true,
    resolve: (source) => {
      const value = plainValue(source)
      if (typeof value === 'string') return NOT_RESOLVED
      return typeof value === 'bigint' || typeof value === 'number' ? numberText(value) : value
    },
    identify: () => false,
  }),
  defineScalarTag('', { matchByTagPrefix: true, resolve: (source) => source, identify: () => false }),
)
