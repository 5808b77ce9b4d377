// The real tools that the tests use: which versions do, how Go builds them, and where a system has them.

/** A tool that tests may ask for. */
export type ToolName =
  | 'containerd'
  | 'ctr'
  | 'helm3'
  | 'helm4'
  | 'crane'
  | 'kustomize'
  | 'registry3'
  | 'docker-registry'
  | 'skopeo'
  | 'podman'
  | 'htpasswd'
  | 'redis-server'
  | 'openssl'
  | 'versitygw'
  | 'chromium'
  | 'systemd-analyze'
  | 'nginx'
  | 'fake-gcs-server'
  | 'faketime'
  | 'unshare'

/**
 * `accept` reads what the tool on PATH prints of its version; `ldflags` puts the version into the build. A tool without
 * a module comes with the system: `package` is its name there.
 */
export interface Tool {
  readonly command: string
  /** What tests do with it, as the end of a sentence: said while it is built. */
  readonly why?: string
  readonly module?: string
  readonly package?: string
  readonly version: string
  readonly probe: readonly string[]
  readonly accept: RegExp
  readonly ldflags: string
}

/** All of them, by the names that tests use. */
export const tools: Readonly<Record<ToolName, Tool>> = {
  helm3: {
    command: 'helm',
    why: 'renderings and commands are compared with Helm 3',
    module: 'helm.sh/helm/v3/cmd/helm',
    version: 'v3.22.0',
    probe: ['version', '--template', '{{.Version}}'],
    accept: /^v3\.(1[3-9]|[2-9]\d)\./,
    // As helm's releases are built: without these it renders for Kubernetes 1.20.
    ldflags: [
      '-X helm.sh/helm/v3/internal/version.version=v3.22.0',
      ...['chartutil', 'lint/rules'].flatMap((name) => [
        `-X helm.sh/helm/v3/pkg/${name}.k8sVersionMajor=1`,
        `-X helm.sh/helm/v3/pkg/${name}.k8sVersionMinor=37`,
      ]),
    ].join(' '),
  },
  helm4: {
    command: 'helm',
    why: 'renderings and commands are compared with Helm 4',
    module: 'helm.sh/helm/v4/cmd/helm',
    version: 'v4.3.1',
    probe: ['version', '--template', '{{.Version}}'],
    accept: /^v4\./,
    ldflags: '-X helm.sh/helm/v4/internal/version.version=v4.3.1',
  },
  crane: {
    command: 'crane',
    why: 'images are copied to and from its registry, and compared with what it copies',
    module: 'github.com/google/go-containerregistry/cmd/crane',
    version: 'v0.22.1',
    probe: ['version'],
    accept: /^v?0\.(2[0-9])\./,
    ldflags: '-X github.com/google/go-containerregistry/cmd/crane/cmd.Version=v0.22.1',
  },
  kustomize: {
    command: 'kustomize',
    why: 'what `emit` and `pull --rewrite-images` write is built with it',
    module: 'sigs.k8s.io/kustomize/kustomize/v5',
    version: 'v5.7.1',
    probe: ['version'],
    accept: /^v?5\.([7-9]|\d\d)\./,
    ldflags: '-X sigs.k8s.io/kustomize/api/provenance.version=v5.7.1',
  },
  registry3: {
    command: 'registry',
    why: 'images and charts are pushed to it and pulled from it',
    module: 'github.com/distribution/distribution/v3/cmd/registry',
    version: 'v3.1.2',
    probe: ['--version'],
    accept: / v?3\./,
    ldflags: '-X github.com/distribution/distribution/v3/version.version=v3.1.2',
  },
  versitygw: {
    command: 'versitygw',
    why: 'the stores of the server are tried on it, as on a bucket of S3',
    module: 'github.com/versity/versitygw/cmd/versitygw',
    version: 'v1.8.0',
    probe: ['--version'],
    accept: /Version *: v?1\.([89]|\d\d)\./,
    ldflags: '',
  },
  'fake-gcs-server': {
    command: 'fake-gcs-server',
    why: 'the store in Google Cloud Storage is tried on it',
    module: 'github.com/fsouza/fake-gcs-server',
    version: 'v1.56.1',
    probe: ['-h'],
    accept: /-public-host/,
    ldflags: '',
  },
  'docker-registry': {
    command: 'docker-registry',
    package: 'docker-registry',
    version: '2.8',
    probe: ['--version'],
    accept: / v?2\./,
    ldflags: '',
  },
  skopeo: {
    command: 'skopeo',
    package: 'skopeo',
    version: '1',
    probe: ['--version'],
    accept: /version 1\./,
    ldflags: '',
  },
  podman: {
    command: 'podman',
    package: 'podman',
    version: '4',
    probe: ['--version'],
    accept: /version [4-9]\./,
    ldflags: '',
  },
  containerd: {
    command: 'containerd',
    package: 'containerd',
    version: '1',
    probe: ['--version'],
    accept: /containerd/,
    ldflags: '',
  },
  'systemd-analyze': {
    command: 'systemd-analyze',
    package: 'systemd',
    version: '2',
    probe: ['--version'],
    accept: /^systemd 2/,
    ldflags: '',
  },
  ctr: {
    command: 'ctr',
    package: 'containerd',
    version: '1',
    probe: ['--version'],
    accept: /^ctr /,
    ldflags: '',
  },
  'redis-server': {
    command: 'redis-server',
    package: 'redis-server',
    version: '',
    probe: ['--version'],
    accept: /^(Redis|Valkey) server/i,
    ldflags: '',
  },
  htpasswd: {
    command: 'htpasswd',
    package: 'apache2-utils',
    version: '2',
    probe: ['-nbB', 'a', 'b'],
    accept: /^a:/,
    ldflags: '',
  },
  chromium: {
    command: 'chromium',
    package: 'chromium',
    version: '',
    probe: ['--version'],
    accept: /^Chromium /,
    ldflags: '',
  },
  nginx: {
    command: 'nginx',
    package: 'nginx-light',
    version: '1',
    probe: ['-v'],
    accept: /nginx\/1\./,
    ldflags: '',
  },
  faketime: {
    command: 'faketime',
    package: 'faketime',
    version: '0.9',
    probe: ['--version'],
    accept: /0\.9/,
    ldflags: '',
  },
  // A shell in a network of its own, which root alone may make, and which a container may be refused.
  unshare: {
    command: 'unshare',
    package: 'util-linux iproute2 (and run the tests as root)',
    version: '',
    probe: ['--net', '--mount', '--pid', '--fork', '/bin/sh', '-ec', 'ip link set lo up; echo apart'],
    accept: /^apart$/,
    ldflags: '',
  },
  openssl: {
    command: 'openssl',
    package: 'openssl',
    version: '',
    probe: ['version'],
    accept: /^OpenSSL /,
    ldflags: '',
  },
}
