// Standard output as bytes.

/** Writes all bytes to standard output; resolves when they are handed over. */
export async function writeOutput(bytes: Uint8Array): Promise<void> {
  await new Promise<void>((resolve) => process.stdout.write(bytes, () => resolve()))
}
