import { CommanderError } from 'commander';
import { EXIT } from '../model/error.ts';
import { VERSION } from '../platform/release.ts';
import { describeFailure } from './failure.ts';
import { buildProgram } from './program.ts';

/**
 * Runs the command line. Returns when the command is done and leaves its exit code in `process.exitCode`; after an error
 * the process ends here, whatever is still open.
 */
export async function main(args: readonly string[]): Promise<void> {
  // A reader that has seen enough (`gateway export … | head`) is no failure of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) process.on(event, (e) => fail(e, args));
  try {
    const program = await buildProgram(args);
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    // Commander has printed its help, its version or what was wrong with the arguments by itself.
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? EXIT.ok : EXIT.usage);
    fail(error, args);
  }
}

/** Also for what nobody caught: Node would print it with all its properties, secrets included. */
function fail(error: unknown, args: readonly string[]): never {
  const failure = describeFailure(error, { json: args.includes('--json'), version: VERSION });
  process.stderr.write(failure.text);
  process.exit(failure.exitCode);
}
