// Charts and images on the move, `@chartferry/core/transfer`: sources, sinks, bundles, locks, files.
export type { Blob, BlobBody, BlobDraft, BlobStat, BlobStore, ByteRange } from '../storage/blob-store.ts'
export { openFilesystemStore } from '../storage/filesystem-store.ts'
export { openMemoryStore } from '../storage/memory-store.ts'
export { type CopiedFile, type CopyFilesOptions, copyFiles } from './assets/copy-files.ts'
export { type FetchFileOptions, fetchFile } from './assets/fetch-file.ts'
export { checkFileUrl, type FileAsset, type FileRequest, parseFileRequest } from './assets/file-asset.ts'
export { type PlacedFile, placeFiles } from './assets/file-naming.ts'
export { type BucketPlace, type FilePlace, type FilePlaceOptions, parseFilePlace } from './assets/file-place.ts'
export type { FileSink } from './assets/file-sink.ts'
export { findDigest } from './assets/find-digest.ts'
export { folderSink } from './assets/folder-sink.ts'
export { type ClosableStore, storeSink } from './assets/store-sink.ts'
export type { BundleBlobs } from './bundle/bundle-source.ts'
export type {
  AttachedEntry,
  BaseEntry,
  BundleContents,
  BundleEntry,
  ChartEntry,
  FileEntry,
  ImageEntry,
} from './bundle/contents.ts'
export {
  type BundleDescription,
  type DescribedChart,
  type DescribedImage,
  describeBundle,
  type MissingImage,
} from './bundle/describe-bundle.ts'
export { type BundleChange, type BundleDifference, diffBundles } from './bundle/diff-bundles.ts'
export { imageName, type UsedImage, usedImages } from './bundle/image-names.ts'
export type { BundledChart, BundledFile } from './bundle/layout-plan.ts'
export { findParts, type PartFiles } from './bundle/part-files.ts'
export { type Bundle, type OpenBundleOptions, openBundle } from './bundle/read-bundle.ts'
export type { BundleStructure } from './bundle/read-structure.ts'
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
export {
  type ArtifactPart,
  type ChartArtifact,
  chartArtifact,
  chartTypes,
  findChart,
  type PlacedChart,
  pullChart,
  pushChart,
  tagOf,
  versionOf,
} from './chart-artifact.ts'
export { type ChartPin, type ChartReference, parseChartReference, settlePin } from './chart-reference.ts'
export {
  type ChartToCopy,
  type CopiedForCharts,
  type CopyForChartsOptions,
  copyForCharts,
  imagesOf,
} from './copy-for-charts.ts'
export { type CopyItemsOptions, copyItems, type ImagePair, type ImageWish } from './copy-images.ts'
export { type CopyPairsOptions, copyPairs, type FetchOptions } from './copy-pairs.ts'
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
export {
  canonicalImage,
  type LockedSource,
  type LockSources,
  type MakeLockOptions,
  makeLock,
} from './declaration/make-lock.ts'
export { parseDeclaration } from './declaration/parse-declaration.ts'
export {
  type AssetList,
  assetList,
  type FileAssetEntry,
  formatAssetTable,
  formatAssetYaml,
  type ImageAssetEntry,
} from './emit/asset-list.ts'
export type { Emission, EmittedFile, EmittedImage } from './emit/emission.ts'
export {
  type EmitOptions,
  emitImages,
  emitMirrors,
  type ImageFormat,
  imageFormats,
  type MergeFile,
  type MirrorFormat,
  mergerOf,
} from './emit/image-formats.ts'
export { imagesLock, type LockedChartName, type PlatformDigest } from './emit/image-lists.ts'
export type { KustomizeImage } from './emit/kustomize-images.ts'
export type { MirrorOptions, MirrorPlace, MirrorTable, RegistryMirror } from './emit/mirrors.ts'
export {
  corednsSnippet,
  type DaemonSetOptions,
  etcHosts,
  hostsDaemonSet,
  type NamedAddress,
} from './emit/node-files.ts'
export { argoHelmValues, formatOverrideValues, type OverrideValues, overrideValues } from './emit/override-values.ts'
export type { MovedImage, RepositoryMove, RepositoryName } from './emit/repository-moves.ts'
export type { ForeignBundle } from './foreign/foreign-bundle.ts'
export type { UnpackOptions } from './foreign/unpack-archive.ts'
export { isForeignBundle, withForeignBundles } from './foreign/with-foreign-bundles.ts'
export { type Gate, passChart } from './gate.ts'
export { type WantedImage, wantedImages } from './image-wishes.ts'
export { type Application, applicationOfChart, applicationOfFolder } from './kots/application.ts'
export { folderRepository, pushFolder, restoreFolder } from './kots/folder-artifact.ts'
export type { BaseFile } from './kots/manifest-files.ts'
export type { PullLogin } from './kots/midstream.ts'
export { type RewriteOptions, type RewrittenImage, rewriteIntoFolder } from './kots/rewrite-into-folder.ts'
export type { WorkingFile, WorkingState } from './kots/working-folder.ts'
export type { DocumentFilter, ManifestImage } from './manifests/find-in-stream.ts'
export {
  holdsManifests,
  type ManifestFile,
  type ManifestFolder,
  manifestFileOf,
  readManifestFile,
  readManifestFolder,
} from './manifests/manifest-file.ts'
export {
  type PlacedFile as PlacedManifest,
  packManifests,
  replaceManifests,
  writeManifests,
} from './manifests/place-manifests.ts'
export {
  imagesInFiles,
  type RelocatedManifests,
  type RunningImage,
  relocateManifests,
} from './manifests/relocate-manifests.ts'
export {
  type ChangedText,
  type RenamedImage,
  type RewriteManifestsOptions,
  type RewrittenManifests,
  rewriteManifests,
} from './manifests/rewrite-manifests.ts'
export { type PackBundleOptions, type PackedThings, packBundle, planForBundle } from './pack-bundle.ts'
export {
  type BundlePush,
  type PlanPushOptions,
  type PushBundleOptions,
  type PushedBundle,
  type PushedChart,
  planPush,
  pushBundle,
} from './push-bundle.ts'
export { readContainersConf } from './reaching/containers-conf.ts'
export { readHostsFolder } from './reaching/hosts-toml.ts'
export { ownRegistriesFile, readOwnRegistries, rememberPlainHttp } from './reaching/own-registries.ts'
export { placeName, type ReadNamedFile } from './reaching/parse-registries.ts'
export { type RelocatedFromBundle, relocateBundled } from './relocate-bundled.ts'
export { type ServedContent, serveContent } from './serve-content.ts'
export type { ChartSink } from './sink/chart-sink.ts'
export { directorySink } from './sink/directory.ts'
export { ociRepositorySink } from './sink/oci-repository.ts'
export { type StaticRepositoryOptions, staticRepositorySink } from './sink/static-repository.ts'
export { type ArchiveFileOptions, archiveFile } from './source/archive-file.ts'
export type { ChartQuery, ChartSource } from './source/chart-source.ts'
export { type CompleteOptions, completeDependencies } from './source/complete-dependencies.ts'
export { type DirectoryOptions, directory } from './source/directory.ts'
export { type HttpRepositoryOptions, httpArchive, httpRepository } from './source/http-repository.ts'
export { type OpenRegistry, ociChart, ociFolder } from './source/oci-chart.ts'
export { ociRepository } from './source/oci-repository.ts'
