// The public surface of @chartferry/server.
export type {
  FilterConfig,
  GroupRepositoryConfig,
  HostedRepositoryConfig,
  LogLevel,
  ProxyRepositoryConfig,
  RepositoryConfig,
  ServerConfig,
} from './config/config.ts'
export { environmentNames } from './config/environment.ts'
export { type LoadConfigOptions, loadConfig, parseConfig } from './config/load-config.ts'
export {
  type MirroredRepository,
  type MirrorOptions,
  type MirrorProgress,
  type MirrorSource,
  mirrorRepository,
} from './mirror/mirror-repository.ts'
export type { RepositoryStatus } from './repository/chart-repository.ts'
export { describeRepositories } from './repository/describe-repositories.ts'
export { type RunningServer, type ServeOptions, serve } from './serve.ts'
export { type RunningBundle, type ServeBundleOptions, serveBundle } from './serve-bundle.ts'
export { type RunningChartMuseum, type ServeChartMuseumOptions, serveChartMuseum } from './serve-chartmuseum.ts'
