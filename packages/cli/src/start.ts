// Starts a command: what every run needs before the command line is read.
import { keepCompiledCode } from './code-cache.ts'

/** Takes the arguments, without `node` and the name of the program, and gives the exit code. */
export async function start(args: readonly string[]): Promise<number> {
  keepCompiledCode()
  // Whoever reads us may have seen enough (`| head`): that is no failure.
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
      process.exit()
    })
  // What is loaded from here on is kept.
  const { main } = await import('./main.ts')
  return main(args)
}
