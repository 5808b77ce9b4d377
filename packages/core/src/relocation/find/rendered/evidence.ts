// What speaks for a text being an image.

/** In words that follow "because". */
export type Evidence =
  | 'it ends in a digest'
  | 'its name says that it is an image'
  | 'its registry is known'
  | 'the chart uses the image elsewhere'
  | 'it comes from a value that images come from'
  | 'a version stands behind its path'
