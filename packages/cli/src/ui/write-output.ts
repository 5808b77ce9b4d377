// Standard output as bytes.

/** Writes all bytes to standard output. A reader that goes away early (`| head`) is no error. */
export async function writeOutput(bytes: Uint8Array): Promise<void> {
  const ignore = (): void => {}
  process.stdout.on('error', ignore)
  await new Promise<void>((resolve) => process.stdout.write(bytes, () => resolve()))
  process.stdout.off('error', ignore)
}
