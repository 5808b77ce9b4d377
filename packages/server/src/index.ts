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
export { describeRepositories } from './proxy/describe-repositories.ts'
export type { RepositoryStatus } from './proxy/repository-proxy.ts'
export { type RunningServer, type ServeOptions, serve } from './serve.ts'
