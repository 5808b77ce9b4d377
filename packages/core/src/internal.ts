// What only this repository's own server and command line need, `@chartferry/core/internal`. It may change with any release.
export { didYouMean } from './close-names.ts'
export { count } from './count.ts'
export { checkDigest, digestHex, parseIndexDigest } from './digest.ts'
export { errorTable } from './error-table.ts'
export { messageOf, throwIfCancelled } from './errors.ts'
export { decodeExactly, fileAt } from './helm/chart/chart-file.ts'
export { cachedRenderer } from './helm/render/cached-renderer.ts'
export { formatRendered, type RenderedChart } from './helm/render/engine/render-chart.ts'
export { findHelm } from './helm/render/helm-command.ts'
export {
  type CompactChart,
  type CompactIndex,
  chartAside,
  chartVersions,
  compactChart,
  compactDigest,
  compactIndex,
  findByUrl,
  gzipPieces,
  type IndexHead,
  plainPieces,
  type TextPiece,
} from './helm/repository/compact-index.ts'
export { formatChart, frameIndexFile } from './helm/repository/format-index-file.ts'
export { formatCompactIndex, parseCompactIndex } from './helm/repository/store-compact-index.ts'
export { hostsOf, settingsWith, withoutCredentials } from './oci/client/registry-setting.ts'
export { isManifestType } from './oci/content/descriptor.ts'
export { readContent, readManifest } from './oci/content/read-content.ts'
export { readBlob as readBlobPieces } from './oci/copy/read-blob.ts'
export { credentialFiles, eraseCredential, storeCredential } from './oci/http/credential-files.ts'
export { type Credential, type CredentialSource, type IdentityToken, splitCredential } from './oci/http/credentials.ts'
export { type HttpClient, type HttpClientOptions, openHttpClient } from './oci/http/http-client.ts'
export type { HttpRequestOptions, HttpResponse } from './oci/http/http-message.ts'
export { redactUrl } from './oci/http/redact-url.ts'
export { requestError, statusError } from './oci/http/request-error.ts'
export { type BodyOptions, bodyPieces, readBody } from './oci/http/response-body.ts'
export { discardBody, retryAfter } from './oci/http/send-request.ts'
export { version } from './oci/http/user-agent.ts'
export { editByPlan } from './relocation/apply-plan.ts'
export { type TracedImage, type TracedPart, traceImages } from './relocation/find/trace-images.ts'
export { textOf } from './relocation/model/plan.ts'
export { countsOfProof, coverageOf, verdictOf } from './relocation/verify/proof-words.ts'
export { type BlobDraft, checkKey, readBlob } from './storage/blob-store.ts'
export { openDraft } from './storage/draft.ts'
export { openGcsStore } from './storage/gcs-store.ts'
export { replaceFile } from './storage/replace-file.ts'
export { openPart } from './transfer/document-part.ts'
export { parseRegistries } from './transfer/reaching/parse-registries.ts'
