import { Command, CommanderError } from 'commander';
import { UsageError, isUserFacing } from '../domain/errors.js';
import { hideSecrets } from '../domain/hide-secrets.js';
import { COMMANDS } from './commands.js';
import { withCommonOptions } from './context.js';
import { asOfSystem } from './system-errors.js';
import { codeVersion } from './version.js';

/**
 * The command line with all its commands, or with those of these names alone.
 * Loading a command loads all that it works with, which takes longer than many a command runs.
 */
export async function createProgram(names: readonly string[] = [...COMMANDS.keys()]): Promise<Command> {
  const program = new Command('selenoscan')
    .description('Watches the Moon: new LROC NAC images in, georeferenced anomalies out.')
    .version(codeVersion())
    .showHelpAfterError('(selenoscan --help lists the commands)');
  const commands = await Promise.all(names.map((name) => COMMANDS.get(name)!()));
  for (const command of commands) program.addCommand(withCommonOptions(command));
  for (const command of [program, ...commands]) command.exitOverride();
  return program;
}

/** The commands that these arguments may need: the one they begin with, none for the version, else all. */
function commandsFor([first = '']: readonly string[]): readonly string[] | undefined {
  if (COMMANDS.has(first)) return [first];
  return first === '--version' || first === '-V' ? [] : undefined;
}

/** Runs the command line; sets the exit code: 0 done, 1 failed, 2 wrong usage or configuration. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = await createProgram(commandsFor(argv.slice(2)));
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever reads has seen enough; what else keeps the answer back makes the command fail.
    if (error.code === 'EPIPE') process.exit(0);
    report(asOfSystem(error, 'The standard output'), false);
    process.exit(1);
  });
  // Nobody can be told.
  process.stderr.on('error', () => undefined);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    process.exitCode = report(error, argv.includes('--json'));
  }
}

function report(failure: unknown, json: boolean): number {
  const error = asOfSystem(failure);
  const message = hideSecrets(error instanceof Error ? error.message : String(error));
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    if (json) process.stdout.write(`${JSON.stringify({ error: { code: 'usage', message } })}\n`);
    return 2;
  }
  const known = isUserFacing(error);
  process.stderr.write(
    known ? `selenoscan: ${message}\n` : `selenoscan: unexpected failure\n${stackOf(error)}\n`,
  );
  if (json) {
    const code = known ? error.code : 'unexpected';
    process.stdout.write(`${JSON.stringify({ error: { code, message } })}\n`);
  }
  return error instanceof UsageError ? 2 : 1;
}

function stackOf(error: unknown): string {
  return hideSecrets(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
