import { Command, CommanderError } from 'commander';
import { UsageError, isUserFacing } from '../domain/errors.js';
import { codeVersion } from './version.js';
import { alertsCommand } from './alerts.js';
import { backfillCommand } from './backfill.js';
import { checkCommand } from './check.js';
import { withCommonOptions } from './context.js';
import { demoCommand } from './demo.js';
import { evaluateCommand } from './evaluate.js';
import { exploreCommand } from './explore.js';
import { exportCommand } from './export.js';
import { maintainCommand } from './maintain.js';
import { migrateCommand } from './migrate.js';
import { rankCommand } from './rank.js';
import { replicaCommand } from './replica.js';
import { modelCommand } from './model.js';
import { pauseCommand, resumeCommand } from './pause.js';
import { rerunCommand } from './rerun.js';
import { runCommand } from './run.js';
import { sampleCommand } from './sample.js';
import { scanCommand } from './scan.js';
import { statusCommand } from './status.js';
import { trainCommand } from './train.js';
import { trainHardwareCommand } from './train-hardware.js';

/** The command line with all its commands. */
export function createProgram(): Command {
  const program = new Command('selenoscan')
    .description('Watches the Moon: new LROC NAC images in, georeferenced anomalies out.')
    .version(codeVersion())
    .showHelpAfterError('(selenoscan --help lists the commands)');
  const commands = [
    demoCommand(),
    runCommand(),
    scanCommand(),
    exportCommand(),
    statusCommand(),
    backfillCommand(),
    rerunCommand(),
    alertsCommand(),
    pauseCommand(),
    resumeCommand(),
    modelCommand(),
    migrateCommand(),
    maintainCommand(),
    checkCommand(),
    sampleCommand(),
    trainCommand(),
    trainHardwareCommand(),
    evaluateCommand(),
    rankCommand(),
    exploreCommand(),
    replicaCommand(),
  ];
  for (const command of commands) program.addCommand(withCommonOptions(command));
  for (const command of [program, ...commands]) command.exitOverride();
  return program;
}

/** Runs the command line; sets the exit code: 0 done, 1 failed, 2 wrong usage or configuration. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = createProgram();
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
  });
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    process.exitCode = report(error, argv.includes('--json'));
  }
}

function report(error: unknown, json: boolean): number {
  const message = error instanceof Error ? error.message : String(error);
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
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
