// Every failure the product can name, with its kind, its meaning and what to do next. `docs/errors.md` is made from it.

/** What a failure means to whoever called; HTTP status and exit code follow from it. */
export type ErrorKind =
  | 'invalid'
  | 'not-found'
  | 'denied'
  | 'integrity'
  | 'limit'
  | 'conflict'
  | 'unavailable'
  | 'cancelled'

/** What kind of failure it is, what happened in a sentence, what a person does next in a sentence. */
export type ErrorEntry = readonly [kind: ErrorKind, meaning: string, remedy: string]

/** All codes, by name. A code keeps its meaning for ever; a new meaning gets a new code. */
export const errorTable = {
  USAGE: ['invalid', 'The command line is incomplete or contradicts itself.', 'Read the `--help` of the command.'],
  CONFIG_INVALID: [
    'invalid',
    'The configuration has faults; all of them are listed.',
    'Correct the lines that the message names; `docs/configuration.md` lists every setting.',
  ],
  CHART_INVALID: [
    'invalid',
    'The chart is not one that Helm accepts: no Chart.yaml, a wrong type, a missing name.',
    'Run `helm lint` on the chart, or fetch it again.',
  ],
  ARCHIVE_INVALID: [
    'invalid',
    'The file is not a complete gzip-compressed tar archive.',
    'Fetch the archive again; compare its digest with the index file.',
  ],
  INDEX_INVALID: [
    'invalid',
    'The answer is not an index file: it is HTML, empty, or has no apiVersion.',
    'Open the URL in a browser: it may be a login page or a wrong path.',
  ],
  PROVENANCE_INVALID: [
    'invalid',
    'The file is not a provenance file: a clear-signed text with the name, version and digest of a chart.',
    'Make it again with `helm package --sign`.',
  ],
  UPLOADS_FULL: [
    'unavailable',
    'The server has no room for another upload at the moment.',
    'Push again after the number of seconds in `Retry-After`.',
  ],
  UPLOAD_INVALID: [
    'invalid',
    'The request has neither a chart archive nor a provenance file.',
    'Send an archive as the body, or a form with the fields that the server names.',
  ],
  YAML_INVALID: [
    'invalid',
    'The text is not YAML within the limits.',
    'Correct the text at the line and column that the message names.',
  ],
  REFERENCE_INVALID: [
    'invalid',
    'The text is not an image reference of the distribution grammar.',
    'Write it as `host/path:tag` or `host/path@sha256:digest`.',
  ],
  VERSION_INVALID: [
    'invalid',
    'The text is neither a semantic version nor a range of them.',
    'Write it as Helm takes it: `1.2.3`, `^1.2`, `>=1.2 <2`.',
  ],
  RULE_INVALID: [
    'invalid',
    'A rule cannot be read; all faulty ones are listed.',
    'Each rule has `match` and one of `keep`, `deny`, `to` and `name`; see `docs/rules.md`.',
  ],
  LOCK_INVALID: [
    'invalid',
    'The text is not a lock file, or one of a newer format.',
    'Make it again: `chartferry lock`.',
  ],
  PLAN_INVALID: [
    'invalid',
    'The text is not a relocation plan, or one of a newer format.',
    'Make the plan again with this version of chartferry.',
  ],
  MANIFEST_INVALID: [
    'invalid',
    'The bytes are not a manifest or an index that can be copied.',
    'Look at it with `skopeo inspect --raw`; images of Docker schema 1 must be pushed again by a newer client.',
  ],
  PUSH_INVALID: [
    'invalid',
    'The bytes that arrived do not have the digest that the client named.',
    'Push again. If it happens each time, something between the client and the server changes bytes.',
  ],
  MANIFEST_BLOB_MISSING: [
    'invalid',
    'The pushed manifest names a blob or a manifest that the repository does not have.',
    'Push the blobs first, then the manifests, and an index last.',
  ],
  BUNDLE_UNSUPPORTED: [
    'invalid',
    'The bundle is of a newer format than this version reads.',
    'Use the version of chartferry that made it, or a newer one.',
  ],
  RENDER_FAILED: [
    'invalid',
    'The chart does not render with the values given.',
    'Give the values the chart demands with `-f` or `--set`; the message is the renderer’s own.',
  ],
  REPOSITORY_NOT_FOUND: [
    'not-found',
    'No repository of that name is configured.',
    'List the repositories: `helm repo list`, or `GET /` of the server.',
  ],
  CHART_NOT_FOUND: [
    'not-found',
    'The source holds no chart of that name.',
    'Check the spelling; `helm search repo` lists the names.',
  ],
  VERSION_NOT_FOUND: [
    'not-found',
    'The chart exists, but no version satisfies the request.',
    'List the versions with `helm search repo NAME -l --devel`.',
  ],
  IMAGE_NOT_FOUND: [
    'not-found',
    'The chart uses no such image.',
    'List the images of the chart: `chartferry images CHART`.',
  ],
  MANIFEST_NOT_FOUND: [
    'not-found',
    'The registry has no image of that tag or digest.',
    'Check name and tag; `skopeo list-tags` lists what is there.',
  ],
  BLOB_NOT_FOUND: [
    'not-found',
    'The registry has the manifest, but not a blob that it names.',
    'The image is broken at its source: push it there again.',
  ],
  UPLOAD_NOT_FOUND: [
    'not-found',
    'There is no such upload: it has ended, or it was left alone for a day.',
    'Start the upload again.',
  ],
  TARGET_MISSING: [
    'not-found',
    'The registry wants the repository or project to be created before anything is pushed to it.',
    'Create it; `--create-repository COMMAND` does so for each repository that is missing.',
  ],
  FILE_NOT_FOUND: ['not-found', 'A file or folder named on the command line is not there.', 'Check the path.'],
  ASSET_NOT_FOUND: ['not-found', 'There is no file at the URL given.', 'Open the URL in a browser; check its version.'],
  CHECKSUM_NOT_FOUND: [
    'not-found',
    'The digest of a file is not known: none was given, and no checksum file lies beside it.',
    'Give it yourself: `URL@sha256:DIGITS`, or `sha256:` in chartferry.yaml.',
  ],
  BUNDLE_PART_MISSING: [
    'not-found',
    'A part of a bundle that was split is not there.',
    'Put all parts, `FILE.001` and those after it, into one folder.',
  ],
  BUNDLE_BASE_MISSING: [
    'not-found',
    'The bundle leaves out what its base has, and something from the base is needed now.',
    'Give the base with `--base FILE`, or push the base first.',
  ],
  ROUTE_NOT_FOUND: ['not-found', 'The server has nothing at this path.', 'See `docs/configuration.md` for the routes.'],
  METHOD_NOT_ALLOWED: [
    'invalid',
    'The path exists, but not for this method.',
    'Use a method that the header `Allow` names.',
  ],
  RANGE_INVALID: ['invalid', 'The range asked for lies outside the file.', 'Ask for bytes within its length.'],
  UNAUTHENTICATED: [
    'denied',
    'The server wants credentials, or the ones given are wrong.',
    'Give a name and password, or a token: `helm repo add NAME URL --username NAME --password-stdin`.',
  ],
  FORBIDDEN: [
    'denied',
    'The server knows who asks, and its rules do not allow this.',
    'Ask whoever runs the server; `access` in its configuration says who may do what.',
  ],
  ASSET_NOT_PUBLIC: [
    'denied',
    'A file was written to a bucket, but clusters cannot read it without credentials.',
    'Let everybody read the objects: by the policy of the bucket on S3, by a grant to `allUsers` on Google’s storage.',
  ],
  REGISTRY_DENIED: [
    'denied',
    'The registry wants credentials, or refuses the ones given.',
    'Log in with `chartferry login HOST`, and check that the account may pull or push there.',
  ],
  UPSTREAM_DENIED: [
    'denied',
    'The upstream wants credentials, or refuses the ones given.',
    'Set the credentials of the upstream; `docs/configuration.md` says where.',
  ],
  WORKING_FOLDER_INVALID: [
    'invalid',
    '`pull --rewrite-images` did not make this folder, or made it for another chart.',
    'Give another folder with `--working-dir`.',
  ],
  UPSTREAM_INVALID: [
    'integrity',
    'The answer of the upstream contradicts itself or the protocol.',
    'Check the upstream. Nothing of its answer was kept.',
  ],
  INDEX_SHRUNK: [
    'integrity',
    'The new index of the upstream lacks many versions that the last one had. The server goes on with the last one.',
    'Check the upstream. If those versions are gone on purpose, raise `indexLoss` of the repository.',
  ],
  REGISTRY_INVALID: [
    'integrity',
    'The answer of the registry contradicts itself or the protocol.',
    'Check the registry, or the proxy in front of it. Nothing of its answer was kept.',
  ],
  SIGNATURE_INVALID: [
    'integrity',
    'The key has not signed this image or bundle.',
    'Check that it is the right key. Nothing was copied.',
  ],
  IMAGE_BROKEN: [
    'integrity',
    'An image cannot be pulled: it is missing or incomplete, or its bytes do not match its digest.',
    'Copy it again.',
  ],
  GATE_REFUSED: [
    'integrity',
    'The gate command refused an image or a chart; it was not pushed.',
    'Read what the command printed.',
  ],
  CHECKSUM_INVALID: [
    'integrity',
    'The checksum file beside a file has no line for it.',
    'Read the checksum file, or give the digest yourself: `URL@sha256:DIGITS`.',
  ],
  ASSETS_INCOMPLETE: [
    'integrity',
    'Some files were not copied. The message lists them; all others were copied.',
    'Correct what each line names, then run the command again. It skips what is there.',
  ],
  COPY_INCOMPLETE: [
    'integrity',
    'Some images were not copied, for different reasons, or the target does not have what was pushed. The message lists them.',
    'Correct what each line names, then run the command again. It skips what is there.',
  ],
  BUNDLE_INVALID: [
    'integrity',
    'The file is not a complete bundle: it is cut off, damaged, or no bundle at all.',
    'Carry it over again; `chartferry bundle verify FILE` names what is damaged.',
  ],
  BUNDLE_INCOMPLETE: [
    'integrity',
    'An image that a chart of the bundle can run is not inside.',
    'Make the bundle again where the image can be reached.',
  ],
  DIGEST_MISMATCH: [
    'integrity',
    'The bytes do not have the expected digest.',
    'Fetch again. If it happens each time, the source has changed the bytes of a published version.',
  ],
  PATH_UNSAFE: [
    'integrity',
    'An archive has a path that leaves its folder, a link, or a device.',
    'Do not use the archive; ask its author for a clean one.',
  ],
  VERIFICATION_FAILED: [
    'integrity',
    'The relocated chart does not render as planned; nothing was written.',
    'The message names the first difference; see `chartferry images --why`.',
  ],
  RENDERERS_DISAGREE: [
    'integrity',
    'The engine of chartferry and helm render the chart differently.',
    'Report it with the chart and its values. Until then use `--renderer helm`.',
  ],
  ASSET_TOO_LARGE: ['limit', 'A file at a URL is larger than the limit.', 'Copy it by other means.'],
  ARCHIVE_TOO_LARGE: [
    'limit',
    'The archive or one of its files is larger than the limit.',
    'Helm refuses it too: 100 MiB in all, 5 MiB a file.',
  ],
  TOO_MANY_ENTRIES: ['limit', 'The archive or document has more entries than the limit.', 'Split the chart.'],
  INDEX_TOO_LARGE: [
    'limit',
    'The index file is larger than the limit.',
    'Raise `limits.indexBytes`, or ask the upstream to prune it.',
  ],
  DEPTH_EXCEEDED: ['limit', 'Charts, archives or documents are nested deeper than the limit.', 'Flatten the chart.'],
  YAML_TOO_COMPLEX: [
    'limit',
    'Aliases or nodes of a YAML document exceed the limit.',
    'Write the document without nested aliases.',
  ],
  MANIFEST_TOO_LARGE: [
    'limit',
    'A manifest or an index is larger than the 4 MiB that registries take.',
    'Make the index or image smaller; registries take no larger manifest.',
  ],
  TOO_MANY_REFERRERS: ['limit', 'A manifest has more referrers than the limit.', 'Copy with `--no-referrers`.'],
  OUTPUT_TOO_LARGE: [
    'limit',
    'A rendering or a program printed more than the limit, or the templates made more texts, lists and maps than the limit.',
    'Render with fewer features switched on.',
  ],
  RENDER_TIMEOUT: [
    'limit',
    'Rendering the chart took longer than the limit.',
    'Look at the template that is named for a loop without end, or give it more time: `--render-timeout 10m`.',
  ],
  UPLOAD_TOO_LARGE: [
    'limit',
    'The request is larger than the server allows.',
    'Make the chart smaller, or raise the limit: `limits.archiveBytes`, `--max-upload-size`.',
  ],
  REPOSITORY_FULL: [
    'limit',
    'The repository has as many files as it may have.',
    'Delete versions that nobody needs, or raise the limit.',
  ],
  VERSION_EXISTS: [
    'conflict',
    'The repository already has this chart version.',
    'Give the chart a new version; where the server allows it, `?force` replaces the one that is there.',
  ],
  TAG_IMMUTABLE: [
    'conflict',
    'The tag exists with other content, and the registry does not let tags change.',
    'Copy to another tag, or delete the old one first.',
  ],
  UPLOAD_MISPLACED: [
    'conflict',
    'The bytes do not follow those that have arrived.',
    'Ask with GET how many bytes have arrived, and go on from there.',
  ],
  BLOB_IN_USE: ['conflict', 'A blob cannot be deleted while a manifest names it.', 'Delete the manifest first.'],
  REGISTRY_REFUSED: [
    'conflict',
    'The registry refuses the content. Its own message follows.',
    'Read the message of the registry.',
  ],
  COPY_RUNNING: [
    'conflict',
    'Another process copies with the same journal.',
    'Wait for it to end, or give another folder with `--journal`.',
  ],
  BUNDLE_BASE_MISMATCH: [
    'conflict',
    'The bundle was made on top of another bundle than the one given.',
    'Give the bundle that `--base` named when it was made.',
  ],
  KEY_INVALID: [
    'invalid',
    'A signing key cannot be read, unlocked or used.',
    'Export it with `gpg --export-secret-keys NAME`, and give its passphrase.',
  ],
  LOCK_STALE: [
    'conflict',
    'Chart.lock does not match the dependencies in Chart.yaml.',
    'Run `helm dependency update` in the chart.',
  ],
  DEPENDENCY_MISSING: [
    'not-found',
    'A chart needs a dependency that is not in its folder `charts/`, and it names no repository for it.',
    'Put it into `charts/`, or name its repository in Chart.yaml.',
  ],
  PLAN_STALE: [
    'conflict',
    'The plan was made for another chart, or for other bytes of this one.',
    'Plan again for this chart.',
  ],
  TARGET_COLLISION: [
    'conflict',
    'Two different images, or two different files, would get the same name at the target.',
    'Keep the host in the path with `--mode host-path`, give one of them another name with a rule, or use another file repository.',
  ],
  LOCK_OUTDATED: [
    'conflict',
    'chartferry.yaml, or something that it names, has changed since the lock file was written.',
    'Look at what is new with `chartferry update`, then take it over with `chartferry lock`.',
  ],
  IMAGE_DENIED: [
    'conflict',
    'A rule says that this image may not be used.',
    'Use another chart or image, or change the rule.',
  ],
  WORKING_FOLDER_CONFLICT: [
    'conflict',
    'Changes made by hand in the working folder contradict what was pulled. Nothing was written.',
    'Change or delete what the lines name, then pull again.',
  ],
  NOT_EXPRESSED: [
    'conflict',
    'The format cannot express a part of the plan. Nothing was written.',
    'Use another format, or write the rest with `--allow-unresolved`.',
  ],
  IMAGE_UNRESOLVED: [
    'conflict',
    'The chart uses an image that no edit can move. Nothing was written.',
    'See `chartferry images CHART --why IMAGE`; `--allow-unresolved` writes the chart all the same.',
  ],
  RELOCATION_REFUSED: [
    'integrity',
    'The chart cannot be served relocated; the message has the code and the reasons.',
    'Ask whoever runs the server; `docs/relocated-repositories.md` says what each reason needs.',
  ],
  IMAGES_MISSING: [
    'integrity',
    'The target lacks images that the relocated chart would name. The message lists them.',
    'Copy them: `chartferry relocate CHART --to TARGET --copy`, or let the server do it with `images: copy`.',
  ],
  RELOCATION_PENDING: [
    'unavailable',
    'The relocated chart does not exist yet: this server relocates none, or others are waiting before it.',
    'Try again after the number of seconds in `Retry-After`.',
  ],
  RELOCATION_FAILED: [
    'unavailable',
    'The chart could not be relocated now, for a reason outside of the chart; usually a registry does not answer.',
    'Correct what the message names. The server tries again by itself.',
  ],
  UPSTREAM_UNREACHABLE: [
    'unavailable',
    'The upstream cannot be reached, and nothing is cached.',
    'Check name, proxy and certificate of the upstream, then try again.',
  ],
  UPSTREAM_TIMEOUT: ['unavailable', 'The upstream did not answer in time.', 'Try again, or raise the timeout.'],
  UPSTREAM_PAUSED: [
    'unavailable',
    'The upstream has failed several times. The server leaves it alone for a while.',
    'Repair the upstream. The server tries it again by itself after the time in `Retry-After`.',
  ],
  LOOP_DETECTED: [
    'unavailable',
    'The request came back to this server: its upstream leads to the server itself.',
    'Give the repository an upstream that does not lead back here.',
  ],
  REGISTRY_UNREACHABLE: [
    'unavailable',
    'The registry cannot be reached, or fails.',
    'Check the name, the proxy and the certificate, then run the command again. What has arrived is kept.',
  ],
  RATE_LIMITED: [
    'unavailable',
    'The registry asks for a longer pause than chartferry waits.',
    'Log in for a higher limit, or run the command again later: what arrived is kept.',
  ],
  TOO_MANY_REQUESTS: [
    'unavailable',
    'The client has sent more requests than the server allows in this time.',
    'Wait for the time in `Retry-After`.',
  ],
  AUTH_UNAVAILABLE: [
    'unavailable',
    'The server cannot check the credentials now, because it cannot fetch the keys of their issuer.',
    'Try again; whoever runs the server finds the reason in its log.',
  ],
  STORE_UNAVAILABLE: ['unavailable', 'The data folder cannot be read or written.', 'Check free space and permissions.'],
  STORE_UNSUITABLE: [
    'unavailable',
    'The store lets several writers create one object: servers would overwrite what others have acknowledged.',
    'Use a service that refuses a write with `If-None-Match: *` where there is an object, or a folder.',
  ],
  RENDERER_UNAVAILABLE: [
    'unavailable',
    'No helm was found to render with.',
    'Install helm, or set HELM_BIN to its path.',
  ],
  INTERNAL: ['unavailable', 'A fault of chartferry itself.', 'Report it with the request identity or the message.'],
  CANCELLED: ['cancelled', 'The work was stopped before its end; nothing is half-written.', 'Run the command again.'],
} as const
