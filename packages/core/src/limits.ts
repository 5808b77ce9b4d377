// Every bound on untrusted input, in one place. The defaults follow Helm's loader where it has a bound.

const KiB = 1024
const MiB = 1024 * KiB
const GiB = 1024 * MiB

/** Bounds on what is read. Sizes are bytes. */
export interface Limits {
  /** A chart archive as it travels, compressed. */
  readonly archiveBytes: number
  /** All files of one archive, unpacked; Helm's own bound. Nested archives count toward the outer one. */
  readonly unpackedBytes: number
  /** One file of an archive; Helm's own bound. */
  readonly fileBytes: number
  /** Entries of one archive, nested archives counted in. */
  readonly archiveEntries: number
  /** Unpacked size over compressed size, once more than a mebibyte is unpacked. */
  readonly compressionRatio: number
  /** Charts inside charts, folders and archives alike; the top chart is 1. */
  readonly chartDepth: number
  /** An index file, unpacked. */
  readonly indexBytes: number
  /** Chart versions of one index file. */
  readonly indexVersions: number
  /** Places of an index file's text where a value may begin: after brackets, commas, colons and line breaks. */
  readonly indexNodes: number
  /** A provenance file. */
  readonly provenanceBytes: number
  /** A YAML document that is no index file. */
  readonly yamlBytes: number
  /** Nesting of one YAML document. */
  readonly yamlDepth: number
  /** Aliases of one YAML document. */
  readonly yamlAliases: number
  /** Nodes of one YAML document once aliases are followed. */
  readonly yamlNodes: number
  /** A manifest or an index of a registry; what registries themselves take at most. */
  readonly manifestBytes: number
  /** A file at a URL. */
  readonly assetBytes: number
  /** A checksum file beside one. */
  readonly checksumBytes: number
  /** Referrers of one manifest. */
  readonly referrers: number
  /** Indexes inside indexes; the top one is 1. */
  readonly indexDepth: number
  /** The table of contents of a bundle, and its index.json. */
  readonly contentsBytes: number
  /** Files of an image layout that another tool packed. */
  readonly layoutEntries: number
  /** What one rendering may print. */
  readonly renderBytes: number
  /**
   * What the templates of one rendering may allocate, what is thrown away again counted: a character of a text counts 1,
   * an element of a list 16, an entry of a map 64.
   */
  readonly renderAllocation: number
}

/** The bounds that hold where a caller sets none. */
export const defaultLimits: Limits = {
  archiveBytes: 64 * MiB,
  unpackedBytes: 100 * MiB,
  fileBytes: 5 * MiB,
  archiveEntries: 20_000,
  compressionRatio: 200,
  chartDepth: 8,
  indexBytes: 128 * MiB,
  indexVersions: 250_000,
  indexNodes: 8_000_000,
  provenanceBytes: MiB,
  yamlBytes: 16 * MiB,
  yamlDepth: 100,
  yamlAliases: 10_000,
  yamlNodes: 2_000_000,
  manifestBytes: 4 * MiB,
  assetBytes: 64 * GiB,
  checksumBytes: MiB,
  referrers: 50_000,
  indexDepth: 8,
  contentsBytes: 64 * MiB,
  layoutEntries: 500_000,
  renderBytes: 256 * MiB,
  renderAllocation: 512 * MiB,
}
