// What goes into a format and what comes out: images with their new names, files in the words of another tool, and what
// that tool cannot be told.

/** An image and its new name. */
export interface EmittedImage {
  readonly from: string
  readonly to: string
  /** Where it is rendered, as `Deployment/web spec.template.spec.containers[0].image`. Default: not known. */
  readonly places?: readonly string[]
}

/** One file of a format. */
export interface EmittedFile {
  /** Where it belongs, below the folder that the user names; with `/` on every system. */
  readonly path: string
  readonly text: string
  /** Whether it is a program. Default: false. */
  readonly isExecutable?: boolean
}

/** A format's files, and what it has no words for. */
export interface Emission {
  readonly files: readonly EmittedFile[]
  /** One sentence each, with the image or registry in it. */
  readonly notExpressed: readonly string[]
}
