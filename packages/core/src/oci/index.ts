// Registries, `@chartferry/core/oci`: image references, content of registries and layouts, copying. Knows no chart.

export type { Digest } from '../digest.ts'
export type { CopyProgress } from '../events.ts'
export { defaultLimits, type Limits } from '../limits.ts'
export { type Naming, namingOf, type TargetMode, targetModes } from '../reference/naming.ts'
export {
  canonicalReference,
  familiarName,
  formatReference,
  type ImageReference,
  isHost,
  isPath,
  parseReference,
  tryParseReference,
} from '../reference/reference.ts'
export { formatTarget, parseTarget, type Target } from '../reference/target.ts'
export type { Quota } from './client/host-gate.ts'
export { openRegistries, type Registries, type RegistriesOptions } from './client/registries.ts'
export type { RegistryAccess, RegistryMirror, RegistrySetting } from './client/registry-setting.ts'
export type { Patience, Repeat } from './client/repetition.ts'
export type {
  ContentBody,
  ContentOptions,
  ContentRepository,
  ContentSink,
  ContentSource,
  ContentStream,
  PushOptions,
  ReferrersOptions,
} from './content/content.ts'
export { parsePublicKey, verifySignature } from './content/cosign.ts'
export { type Descriptor, mediaTypes, type Platform } from './content/descriptor.ts'
export { openLayout } from './content/layout.ts'
export { openMemoryContent } from './content/memory.ts'
export { formatPlatform, parsePlatform } from './content/platforms.ts'
export { copyImages, type PreparedCopyOptions } from './copy/copy.ts'
export type { CopiedImage, CopyItem, CopyOptions, CopyResult, Side, SkippedImage } from './copy/copy-item.ts'
export type { SurveyedImage } from './copy/copy-survey.ts'
export { copyGated, type GatedCopyOptions } from './copy/gated-copy.ts'
export { type Journal, openJournal } from './copy/journal.ts'
export type { StagedBlob, Staging } from './copy/staging.ts'
export { type DiagnoseOptions, diagnose } from './diagnose/diagnose.ts'
export type { DiagnosisStep, Finding } from './diagnose/finding.ts'
export type { ReachOptions } from './diagnose/reach.ts'
export type { Credential, CredentialSource, IdentityToken } from './http/credentials.ts'
export type { HttpClient, HttpClientOptions } from './http/http-client.ts'
export type { HttpRequestOptions, HttpResponse } from './http/http-message.ts'
