// The public surface of @chartferry/core.
export { type CopyItemsOptions, copyItems, type ImagePair } from './apply/copy-images.ts'
export { repinDigests } from './apply/repin-digests.ts'
export { undoPlan } from './apply/undo-plan.ts'
export {
  type AppliedPlan,
  type ApplyPlanOptions,
  applyPlan,
  editByPlan,
  type ProveOptions,
  proveRelocation,
} from './apply-plan.ts'
export { type CopiedFile, type CopyFilesOptions, copyFiles } from './assets/copy-files.ts'
export { type FetchFileOptions, fetchFile } from './assets/fetch-file.ts'
export { checkFileUrl, type FileAsset, type FileRequest, parseFileRequest } from './assets/file-asset.ts'
export { type PlacedFile, placeFiles } from './assets/file-naming.ts'
export { type BucketPlace, type FilePlace, type FilePlaceOptions, parseFilePlace } from './assets/file-place.ts'
export type { FileSink } from './assets/file-sink.ts'
export { findDigest } from './assets/find-digest.ts'
export { folderSink } from './assets/folder-sink.ts'
export { storeSink } from './assets/store-sink.ts'
export type { BundledChart, BundledFile } from './bundle/arrange.ts'
export type { BaseEntry, BundleContents, BundleEntry, ChartEntry, FileEntry, ImageEntry } from './bundle/contents.ts'
export { type BundleDescription, describeBundle, type MissingImage } from './bundle/describe-bundle.ts'
export { type BundleChange, type BundleDifference, diffBundles } from './bundle/diff-bundles.ts'
export { imageName, type UsedImage, usedImages } from './bundle/image-names.ts'
export { findParts } from './bundle/part-files.ts'
export { type Bundle, type OpenBundleOptions, openBundle } from './bundle/read-bundle.ts'
export type { RenderedWith } from './bundle/rendered-with.ts'
export { parseSigningKey, verifyBundleSignature } from './bundle/signature.ts'
export { type VerifiedBundle, type VerifyBundleOptions, verifyBundle } from './bundle/verify-bundle.ts'
export {
  type BundledImageRequest,
  type BundleInput,
  type WriteBundleOptions,
  type WrittenBundle,
  writeBundle,
} from './bundle/write-bundle.ts'
export { formatArchiveName, parseArchiveName } from './chart/archive-name.ts'
export type { Chart, ChartArchive, ChartId } from './chart/chart.ts'
export { type ChartArchiveOptions, readChartArchive, replaceFiles } from './chart/chart-archive.ts'
export type { ChartMetadata } from './chart/metadata.ts'
export { type SigningKey, signArchive } from './chart/sign-archive.ts'
export { verifyProvenance } from './chart/verify-provenance.ts'
export { compareLocks, type LockChange } from './declaration/compare-locks.ts'
export type { Declaration, DeclaredChart } from './declaration/declaration.ts'
export {
  declarationDigest,
  formatLock,
  type LockedChart,
  type LockedImage,
  type LockFile,
  parseLock,
} from './declaration/lock-file.ts'
export { canonicalImage, type LockSources, type MakeLockOptions, makeLock } from './declaration/make-lock.ts'
export { parseDeclaration } from './declaration/parse-declaration.ts'
export { checkDigest, type Digest, digestHex, digestOf, isDigest, parseIndexDigest } from './digest.ts'
export { type FoundImage, whenRendered } from './discover/discover.ts'
export type {
  ImageUse,
  LeafRole,
  LiteralUse,
  NamedUse,
  RenderedUse,
  StandingUse,
  WrittenUse,
} from './discover/image-use.ts'
export {
  type AssetList,
  assetList,
  type FileAssetEntry,
  formatAssetTable,
  formatAssetYaml,
  type ImageAssetEntry,
} from './emit/asset-list.ts'
export { type ErrorKind, errorTable } from './error-table.ts'
export {
  ChartferryError,
  type ErrorCode,
  type ErrorOptions,
  isChartferryError,
  messageOf,
  throwIfCancelled,
} from './errors.ts'
export type { CopyProgress, Report, RunEvent, Stage } from './events.ts'
export type { ForeignBundle } from './foreign/foreign-bundle.ts'
export { isForeignBundle, withForeignBundles } from './foreign/with-foreign-bundles.ts'
export { credentialFiles, eraseCredential, storeCredential } from './http/credential-files.ts'
export { type Credential, type CredentialSource, type IdentityToken, splitCredential } from './http/credentials.ts'
export { type HttpClient, type HttpClientOptions, openHttpClient } from './http/http-client.ts'
export type { HttpRequestOptions, HttpResponse } from './http/http-message.ts'
export { redactUrl } from './http/redact-url.ts'
export { requestError, statusError } from './http/request-error.ts'
export { type BodyOptions, bodyPieces, readBody } from './http/response-body.ts'
export { discardBody, retryAfter } from './http/send-request.ts'
export { version } from './http/user-agent.ts'
export { type Naming, namingOf, type TargetMode, targetModes } from './image/naming.ts'
export {
  canonicalReference,
  familiarName,
  formatReference,
  type ImageReference,
  isHost,
  isPath,
  parseReference,
  tryParseReference,
} from './image/reference.ts'
export { formatTarget, parseTarget, type Target } from './image/target.ts'
export { defaultLimits, type Limits } from './limits.ts'
export { type ImageList, type ListImagesOptions, listImages } from './list-images.ts'
export type { Circumstances } from './observe/scenarios.ts'
export { type TracedImage, type TracedPart, traceImages } from './observe/trace-images.ts'
export type { WrittenPlace } from './observe/written-places.ts'
export {
  type ChartArtifact,
  chartArtifact,
  chartTypes,
  findChart,
  type PlacedChart,
  pullChart,
  pushChart,
  tagOf,
  versionOf,
} from './oci/chart-artifact.ts'
export type {
  ContentBody,
  ContentOptions,
  ContentRepository,
  ContentSink,
  ContentSource,
  ContentStream,
  PushOptions,
  ReferrersOptions,
} from './oci/content.ts'
export { copyImages } from './oci/copy.ts'
export type { CopiedImage, CopyItem, CopyOptions, CopyResult, Side } from './oci/copy-item.ts'
export { parsePublicKey, verifySignature } from './oci/cosign.ts'
export { type Descriptor, isManifestType, mediaTypes, type Platform } from './oci/descriptor.ts'
export { copyGated, type GatedCopyOptions } from './oci/gated-copy.ts'
export type { Quota } from './oci/host-gate.ts'
export { type Journal, openJournal } from './oci/journal.ts'
export { openLayout } from './oci/layout.ts'
export { openMemoryContent } from './oci/memory.ts'
export { formatPlatform, parsePlatform } from './oci/platforms.ts'
export { readContent, readManifest } from './oci/read-content.ts'
export { openRegistries, type Registries, type RegistriesOptions } from './oci/registries.ts'
export { formatPlan, type PlanForm } from './plan/format-plan.ts'
export { parsePlan } from './plan/parse-plan.ts'
export { type Plan, type PlannedEdit, type PlannedImage, textOf, type UnresolvedImage } from './plan/plan.ts'
export { namingByRules, parseMode, parseRules, type Rule } from './plan/rule.ts'
export { type RelocateOptions, type Relocation, relocate } from './relocate.ts'
export type { ChartRenderer, Rendering, RenderOptions, RenderResult, RenderValues } from './render/chart-renderer.ts'
export { type HelmRendererOptions, helmRenderer } from './render/helm-renderer.ts'
export { keptRenderer } from './render/kept-renderer.ts'
export { fileNameOf, indexFileUrl, provenanceUrl, resolveChartUrl } from './repository/chart-url.ts'
export {
  formatChart,
  formatEntry,
  formatIndexFile,
  frameIndexFile,
  type IndexForm,
} from './repository/format-index-file.ts'
export type { ChartVersion, IndexFile, SkippedEntry } from './repository/index-file.ts'
export { type ParseIndexOptions, parseIndexFile } from './repository/parse-index-file.ts'
export { selectVersion } from './repository/select-version.ts'
export { compareVersions, parseVersion, type Version } from './semver/version.ts'
export { parseVersionRange, type VersionRange } from './semver/version-range.ts'
export type { ChartSink } from './sink/chart-sink.ts'
export { directorySink } from './sink/directory.ts'
export { ociRepositorySink } from './sink/oci-repository.ts'
export { type StaticRepositoryOptions, staticRepositorySink } from './sink/static-repository.ts'
export { archiveFile } from './source/archive-file.ts'
export type { ChartQuery, ChartSource } from './source/chart-source.ts'
export { type CompleteOptions, completeDependencies } from './source/complete-dependencies.ts'
export { directory } from './source/directory.ts'
export { type HttpRepositoryOptions, httpArchive, httpRepository } from './source/http-repository.ts'
export { ociRepository } from './source/oci-repository.ts'
export {
  type Blob,
  type BlobBody,
  type BlobStat,
  type BlobStore,
  type ByteRange,
  checkKey,
  readBlob,
} from './storage/blob-store.ts'
export { openFilesystemStore } from './storage/filesystem-store.ts'
export { openMemoryStore } from './storage/memory-store.ts'
export { replaceFile } from './storage/replace-file.ts'
export { type PlannedRelocation, type PlanOptions, planRelocation } from './trial/plan-relocation.ts'
export type { Proof, ProofStatus } from './verify/verify.ts'
export { parseYaml } from './yaml/parse.ts'
export { formatPath, parsePath, type ValuesPath } from './yaml/path.ts'
