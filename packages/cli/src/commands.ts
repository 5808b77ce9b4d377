// Which commands there are, in the order of the help. Each is loaded when it is called, so that `--help` answers at
// once.
import type { Command } from 'commander'

/** A command that has not been loaded. */
export interface CommandEntry {
  readonly name: string
  /** What it is for, as the list of commands says it. */
  readonly summary: string
  /** Whether it does with little room for young objects: it moves bytes, or answers requests. Default: false. */
  readonly smallMemory?: boolean
  /** Loads it; what it gives adds the command to a program. */
  readonly load: () => Promise<(program: Command) => void>
}

/** All commands. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'images',
    summary: 'list the images that a chart uses',
    load: async () => (await import('./commands/images.ts')).addImagesCommand,
  },
  {
    name: 'plan',
    summary: 'show what relocating a chart would change',
    load: async () => (await import('./commands/plan.ts')).addPlanCommand,
  },
  {
    name: 'relocate',
    summary: 'rewrite charts so that they pull from your registry, and prove it',
    load: async () => (await import('./commands/relocate.ts')).addRelocateCommand,
  },
  {
    name: 'emit',
    summary: 'write files for other tools that say where images go: kustomize, containerd, Argo CD and more',
    load: async () => (await import('./commands/emit.ts')).addEmitCommand,
  },
  {
    name: 'post-render',
    summary: 'rename images in manifests on their way from helm to the cluster',
    load: async () => (await import('./commands/post-render.ts')).addPostRenderCommand,
  },
  {
    name: 'template',
    summary: 'render a chart as helm template does, with or without helm',
    load: async () => (await import('./commands/template.ts')).addTemplateCommand,
  },
  {
    name: 'verify',
    summary: 'prove that a chart is another one relocated by a plan',
    load: async () => (await import('./commands/verify.ts')).addVerifyCommand,
  },
  {
    name: 'copy',
    summary: 'copy images with their signatures to your registry',
    smallMemory: true,
    load: async () => (await import('./commands/copy.ts')).addCopyCommand,
  },
  {
    name: 'warm',
    summary: 'fetch all images of charts into the cache of a server',
    load: async () => (await import('./commands/warm.ts')).addWarmCommand,
  },
  {
    name: 'assets',
    summary: 'list and copy images and files, as kOps does with its assets',
    smallMemory: true,
    load: async () => (await import('./commands/assets.ts')).addAssetsCommand,
  },
  {
    name: 'lock',
    summary: 'write the versions and digests of a chartferry.yaml into its lock file',
    load: async () => (await import('./commands/lock.ts')).addLockCommand,
  },
  {
    name: 'update',
    summary: 'print what is new since chartferry.lock was written',
    load: async () => (await import('./commands/update.ts')).addUpdateCommand,
  },
  {
    name: 'bundle',
    summary: 'charts, images and files in one file across the air gap',
    smallMemory: true,
    load: async () => (await import('./commands/bundle.ts')).addBundleCommand,
  },
  {
    name: 'push',
    summary: 'push a chart to a registry or a repository',
    load: async () => (await import('./commands/push.ts')).addPushCommand,
  },
  {
    name: 'pull',
    summary: 'fetch a chart from a registry or a repository',
    load: async () => (await import('./commands/pull.ts')).addPullCommand,
  },
  {
    name: 'node-config',
    summary: 'write what nodes need to know to pull from a server',
    load: async () => (await import('./commands/node-config.ts')).addNodeConfigCommand,
  },
  {
    name: 'doctor',
    summary: 'find out why an image cannot be pulled from here',
    load: async () => (await import('./commands/doctor.ts')).addDoctorCommand,
  },
  {
    name: 'kots',
    summary: 'restore a working folder of pull --rewrite-images from the registry',
    load: async () => (await import('./commands/kots.ts')).addKotsCommand,
  },
  {
    name: 'login',
    summary: 'log in to a registry',
    load: async () => (await import('./commands/login.ts')).addLoginCommand,
  },
  {
    name: 'logout',
    summary: 'forget the credentials of a registry',
    load: async () => (await import('./commands/login.ts')).addLogoutCommand,
  },
  {
    name: 'mirror',
    summary: 'take a chart repository into a folder that any web server can serve',
    load: async () => (await import('./commands/mirror.ts')).addMirrorCommand,
  },
  {
    name: 'download',
    summary: 'fetch a relocated chart for helm, which calls it for ferry://',
    load: async () => (await import('./commands/download.ts')).addDownloadCommand,
  },
  {
    name: 'serve',
    summary: 'serve chart repositories: proxied ones and your own',
    smallMemory: true,
    load: async () => (await import('./commands/serve.ts')).addServeCommand,
  },
  {
    name: 'chartmuseum',
    summary: 'serve in place of ChartMuseum: its flags, its API, its storage',
    smallMemory: true,
    load: async () => (await import('./commands/chartmuseum.ts')).addChartMuseumCommand,
  },
]
