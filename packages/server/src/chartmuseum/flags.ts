// ChartMuseum's flags, with ours behind them: what each is called on the command line, in the environment and in the
// configuration file, and what becomes of it here. docs/chartmuseum.md is made from it.

/**
 * `count` is a whole number, `flag` true or false, `duration` as Go writes it (`5m`), `pairs` a list of `name=value`.
 */
export type FlagKind = 'text' | 'count' | 'flag' | 'duration' | 'pairs'

/** Whether a flag does what it does in ChartMuseum, is taken and does nothing, or stops the start. */
export type FlagEffect = 'honoured' | 'no effect' | 'refused'

export interface Flag {
  readonly name: string
  readonly kind: FlagKind
  readonly fallback: string | number | boolean
  readonly effect: FlagEffect
  /** What there is to say about it. */
  readonly note: string
  /** In the environment. */
  readonly variable: string
  /** In the configuration file: names joined by dots are nested mappings. */
  readonly key: string
}

type Row = readonly [
  name: string,
  kind: FlagKind,
  fallback: string | number | boolean,
  effect: FlagEffect,
  note: string,
  key?: string,
  variable?: string,
]

const onDurable = 'the index is a chain of created keys: there is no cache that could be wrong'
const otherStorage = 'storage is a folder or an S3 service; many services speak S3 too'

const rows: readonly Row[] = [
  ['debug', 'flag', false, 'honoured', 'more log lines'],
  ['log-json', 'flag', false, 'no effect', 'log lines are always JSON'],
  ['log-health', 'flag', false, 'honoured', 'requests of `/health` are logged'],
  ['log-latency-integer', 'flag', false, 'no effect', 'the log has whole milliseconds'],
  ['disable-metrics', 'flag', false, 'no effect', 'deprecated in ChartMuseum, where it does nothing either'],
  ['enable-metrics', 'flag', false, 'honoured', '`/metrics`, with ChartMuseum’s names'],
  ['disable-api', 'flag', false, 'honoured', 'nothing below `/api`'],
  ['disable-delete', 'flag', false, 'honoured', 'no DELETE'],
  [
    'disable-statefiles',
    'flag',
    false,
    'honoured',
    'an `index-cache.yaml` that is there is not read; none is written in any case',
  ],
  ['json-index', 'flag', false, 'honoured', 'JSON in `index.yaml`', 'json-index'],
  ['allow-overwrite', 'flag', false, 'honoured', 'pushing again replaces, without `?force`'],
  ['disable-force-overwrite', 'flag', false, 'honoured', '`?force` replaces nothing'],
  ['port', 'count', 8080, 'honoured', '0 takes any free one'],
  ['read-timeout', 'count', 30, 'honoured', 'seconds that a request may take to arrive'],
  [
    'write-timeout',
    'count',
    30,
    'honoured',
    'seconds without a byte taken; ChartMuseum cuts a large answer off after this time in all',
  ],
  ['chart-url', 'text', '', 'honoured', 'what the URLs of archives begin with; it may change at any time'],
  ['basic-auth-user', 'text', '', 'honoured', 'with `--basic-auth-pass`', 'basicauth.user'],
  ['basic-auth-pass', 'text', '', 'honoured', 'with `--basic-auth-user`', 'basicauth.pass'],
  ['auth-anonymous-get', 'flag', false, 'honoured', 'pulling needs no credentials'],
  ['tls-cert', 'text', '', 'honoured', 'a file; with `--tls-key`', 'tls.cert'],
  ['tls-key', 'text', '', 'honoured', 'a file; with `--tls-cert`', 'tls.key'],
  ['tls-ca-cert', 'text', '', 'honoured', 'clients must have a certificate of this authority', 'tls.cacert'],
  ['cache', 'text', '', 'no effect', onDurable, 'cache.store'],
  ['cache-redis-addr', 'text', '', 'no effect', onDurable, 'cache.redis.addr'],
  ['cache-redis-password', 'text', '', 'no effect', onDurable, 'cache.redis.password'],
  ['cache-redis-db', 'count', 0, 'no effect', onDurable, 'cache.redis.db'],
  ['storage', 'text', '', 'honoured', '`local` or `amazon`; the others are refused', 'storage.backend'],
  [
    'storage-timestamp-tolerance',
    'duration',
    '0s',
    'no effect',
    'times of files are compared exactly',
    'storage.timestamptolerance',
  ],
  [
    'storage-local-rootdir',
    'text',
    '',
    'honoured',
    'archives in it are served; what is pushed lies below `.chartferry` in it',
    'storage.local.rootdir',
  ],
  ['storage-amazon-bucket', 'text', '', 'honoured', 'the service must know `If-None-Match`', 'storage.amazon.bucket'],
  ['storage-amazon-prefix', 'text', '', 'honoured', '', 'storage.amazon.prefix'],
  ['storage-amazon-region', 'text', '', 'honoured', '', 'storage.amazon.region'],
  ['storage-amazon-endpoint', 'text', '', 'honoured', '', 'storage.amazon.endpoint'],
  ['storage-amazon-sse', 'text', '', 'honoured', '`AES256` or `aws:kms`', 'storage.amazon.sse'],
  ['storage-amazon-force-path-style', 'flag', true, 'honoured', '', 'storage.amazon.forcepathstyle'],
  ['storage-google-bucket', 'text', '', 'refused', otherStorage, 'storage.google.bucket'],
  ['storage-google-prefix', 'text', '', 'refused', otherStorage, 'storage.google.prefix'],
  ['storage-oracle-bucket', 'text', '', 'refused', otherStorage, 'storage.oracle.bucket'],
  ['storage-oracle-prefix', 'text', '', 'refused', otherStorage, 'storage.oracle.prefix'],
  ['storage-oracle-region', 'text', '', 'refused', otherStorage, 'storage.oracle.region'],
  ['storage-oracle-compartmentid', 'text', '', 'refused', otherStorage, 'storage.oracle.compartmentid'],
  ['storage-microsoft-container', 'text', '', 'refused', otherStorage, 'storage.microsoft.container'],
  ['storage-microsoft-prefix', 'text', '', 'refused', otherStorage, 'storage.microsoft.prefix'],
  ['storage-alibaba-bucket', 'text', '', 'refused', otherStorage, 'storage.alibaba.bucket'],
  ['storage-alibaba-prefix', 'text', '', 'refused', otherStorage, 'storage.alibaba.prefix'],
  ['storage-alibaba-endpoint', 'text', '', 'refused', otherStorage, 'storage.alibaba.endpoint'],
  ['storage-alibaba-sse', 'text', '', 'refused', otherStorage, 'storage.alibaba.sse'],
  ['storage-openstack-container', 'text', '', 'refused', otherStorage, 'storage.openstack.container'],
  ['storage-openstack-prefix', 'text', '', 'refused', otherStorage, 'storage.openstack.prefix'],
  ['storage-openstack-region', 'text', '', 'refused', otherStorage, 'storage.openstack.region'],
  ['storage-openstack-cacert', 'text', '', 'refused', otherStorage, 'storage.openstack.cacert'],
  ['storage-openstack-auth', 'text', 'auto', 'refused', otherStorage, 'storage.openstack.auth'],
  ['storage-baidu-prefix', 'text', '', 'refused', otherStorage, 'storage.baidu.prefix'],
  ['storage-baidu-bucket', 'text', '', 'refused', otherStorage, 'storage.baidu.bucket'],
  ['storage-baidu-endpoint', 'text', '', 'refused', otherStorage, 'storage.baidu.endpoint'],
  ['storage-etcd-endpoint', 'text', 'http://localhost:2379', 'refused', otherStorage, 'storage.etcd.endpoint'],
  ['storage-etcd-cafile', 'text', '', 'refused', otherStorage, 'storage.etcd.cafile'],
  ['storage-etcd-certfile', 'text', '', 'refused', otherStorage, 'storage.etcd.certfile'],
  ['storage-etcd-keyfile', 'text', '', 'refused', otherStorage, 'storage.etcd.keyfile'],
  ['storage-etcd-prefix', 'text', '', 'refused', otherStorage, 'storage.etcd.prefix'],
  ['storage-tencent-bucket', 'text', '', 'refused', otherStorage, 'storage.tencent.bucket'],
  ['storage-tencent-prefix', 'text', '', 'refused', otherStorage, 'storage.tencent.prefix'],
  ['storage-tencent-endpoint', 'text', '', 'refused', otherStorage, 'storage.tencent.endpoint'],
  ['chart-post-form-field-name', 'text', 'chart', 'honoured', 'beside `chart`'],
  ['prov-post-form-field-name', 'text', 'prov', 'honoured', 'beside `prov`'],
  [
    'max-storage-objects',
    'count',
    0,
    'honoured',
    'archives and provenance files of a repository, whichever way they are pushed',
  ],
  ['max-upload-size', 'count', 20_971_520, 'honoured', 'bytes of a request'],
  ['index-limit', 'count', 0, 'no effect', 'nothing is scanned to make an index'],
  ['context-path', 'text', '', 'honoured', ''],
  ['depth', 'count', 0, 'honoured', ''],
  ['depth-dynamic', 'flag', false, 'honoured', ''],
  ['bearer-auth', 'flag', false, 'honoured', 'with `--auth-cert-path`'],
  ['auth-realm', 'text', '', 'honoured', ''],
  ['auth-service', 'text', '', 'honoured', ''],
  ['auth-cert-path', 'text', '', 'honoured', 'a public key or a certificate'],
  [
    'auth-actions-search-path',
    'text',
    '',
    'honoured',
    'names, `[number]`, filters of `==`, `&&` and `||`, and pipes of JMESPath',
  ],
  ['cors-alloworigin', 'text', '', 'honoured', '', 'cors.alloworigin', 'CORS_ALLOW_ORIGIN'],
  ['enforce-semver2', 'flag', false, 'no effect', 'a version that is none is always refused', 'enforce-semver2'],
  [
    'cache-interval',
    'duration',
    '5m',
    'honoured',
    'how often the folder is looked at for archives that were put there by hand',
  ],
  ['listen-host', 'text', '0.0.0.0', 'honoured', '', 'listen.host'],
  ['per-chart-limit', 'count', 0, 'honoured', 'the versions pushed first go', 'per-chart-limit'],
  [
    'web-template-path',
    'text',
    '',
    'honoured',
    '`index.html` as it is, and what is below `static/`',
    'web-template-path',
  ],
  ['artifact-hub-repo-id', 'pairs', '', 'honoured', '`ID`, or `org/repo=ID` several times', 'artifact-hub-repo-id'],
  [
    'always-regenerate-chart-index',
    'flag',
    false,
    'honoured',
    'the folder is looked at before each index',
    'always-regenerate-chart-index',
  ],
  ['gen-index', 'flag', false, 'honoured', 'prints the index and ends'],
  [
    'proxy-cache',
    'flag',
    false,
    'honoured',
    'not in ChartMuseum: charts that are not here come from `--proxy-url`, and stay',
  ],
  ['proxy-url', 'text', '', 'honoured', 'not in ChartMuseum: the chart repository behind `--proxy-cache`'],
]

/** All flags, in the order in which ChartMuseum's help has them. */
export const flags: readonly Flag[] = rows.map(([name, kind, fallback, effect, note, key, variable]) => ({
  name,
  kind,
  fallback,
  effect,
  note,
  key: key ?? name.replaceAll('-', ''),
  variable: variable ?? name.replaceAll('-', '_').toUpperCase(),
}))
