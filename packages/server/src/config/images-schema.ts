// The form of what is said of images: what is pulled through, and what may be pushed.
import * as v from 'valibot'
import { type ClientDocument, clientSettings } from './client-schema.ts'
import { duration, flag, size, text } from './scalars.ts'

/** One registry that is pulled through, as the file has it. */
export interface ImageRegistryDocument extends ClientDocument {
  readonly private: boolean
  readonly host?: string | undefined
  readonly mirrors: readonly string[]
  readonly allow?: readonly string[] | undefined
  readonly deny: readonly string[]
  readonly freshFor?: number | undefined
  readonly platforms?: readonly string[] | undefined
  readonly access?: { readonly pull?: readonly string[] | undefined } | undefined
  readonly paths: readonly ImagePathDocument[]
}

/** Who may pull what is below some paths of a registry. */
export interface ImagePathDocument {
  readonly match: readonly string[]
  readonly pull: readonly string[]
}

/** The setting `images` as the file has it. Durations are milliseconds, sizes bytes. */
export interface ImagesDocument {
  readonly registries?: Readonly<Record<string, ImageRegistryDocument>> | undefined
  readonly freshFor: number
  readonly space?: number | undefined
  readonly dockerHub: boolean
  readonly blobBytes: number
}

const registryHost = v.pipe(
  v.string('write it as registry.example.com or registry.lab:5000'),
  v.regex(
    /^(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/,
    'write it as registry.example.com or registry.lab:5000',
  ),
)

const names = v.array(text, 'must be a list')

const registry = v.strictObject({
  host: v.optional(registryHost),
  ...clientSettings,
  private: v.optional(flag, false),
  mirrors: v.optional(names, []),
  allow: v.optional(names),
  deny: v.optional(names, []),
  freshFor: v.optional(duration),
  platforms: v.optional(names),
  access: v.optional(v.strictObject({ pull: v.optional(names) })),
  paths: v.optional(v.array(v.strictObject({ match: names, pull: names }), 'must be a list'), []),
})

/** The first part of a path, as names of repositories have it. */
const registryName = v.pipe(
  v.string(),
  v.regex(
    /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/,
    'the name of a registry has small letters, digits, dots and dashes; a port goes into `host`',
  ),
)

export const imagesSchema: v.GenericSchema<unknown, ImagesDocument> = v.strictObject({
  registries: v.optional(v.record(registryName, registry)),
  freshFor: v.optional(duration, '10m'),
  space: v.optional(size),
  dockerHub: v.optional(flag, false),
  blobBytes: v.optional(size, '32GiB'),
})

/** What a hosted repository says of images. */
export interface PushedImagesDocument {
  readonly images: boolean
  readonly immutableTags: boolean | readonly string[]
}

interface PushedImagesEntries {
  readonly images: v.OptionalSchema<typeof flag, true>
  readonly immutableTags: v.OptionalSchema<v.GenericSchema<boolean | string[]>, false>
}

/** The settings of a hosted repository that are about images. */
export const pushedImages: PushedImagesEntries = {
  images: v.optional(flag, true),
  immutableTags: v.optional(
    v.union([flag, v.array(text)], 'must be true, false, or a list of patterns of tags'),
    false,
  ),
}
