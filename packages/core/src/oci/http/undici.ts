// The part of undici that we use, as a module of its own: a bundler that splits code gives a late import of a CommonJS
// package without its names.
export { Agent, EnvHttpProxyAgent, request } from 'undici'
