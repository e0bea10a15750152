import type { Command } from 'commander';

/** The commands by name, in the order of the help; each with its module, which is loaded when it is called. */
export const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['demo', async () => (await import('./demo.js')).demoCommand()],
  ['run', async () => (await import('./run.js')).runCommand()],
  ['scan', async () => (await import('./scan.js')).scanCommand()],
  ['export', async () => (await import('./export.js')).exportCommand()],
  ['status', async () => (await import('./status.js')).statusCommand()],
  ['backfill', async () => (await import('./backfill.js')).backfillCommand()],
  ['rerun', async () => (await import('./rerun.js')).rerunCommand()],
  ['alerts', async () => (await import('./alerts.js')).alertsCommand()],
  ['pause', async () => (await import('./pause.js')).pauseCommand()],
  ['resume', async () => (await import('./pause.js')).resumeCommand()],
  ['model', async () => (await import('./model.js')).modelCommand()],
  ['migrate', async () => (await import('./migrate.js')).migrateCommand()],
  ['maintain', async () => (await import('./maintain.js')).maintainCommand()],
  ['check', async () => (await import('./check.js')).checkCommand()],
  ['sample', async () => (await import('./sample.js')).sampleCommand()],
  ['train', async () => (await import('./train.js')).trainCommand()],
  ['train-hardware', async () => (await import('./train-hardware.js')).trainHardwareCommand()],
  ['evaluate', async () => (await import('./evaluate.js')).evaluateCommand()],
  ['rank', async () => (await import('./rank.js')).rankCommand()],
  ['explore', async () => (await import('./explore.js')).exploreCommand()],
  ['replica', async () => (await import('./replica.js')).replicaCommand()],
]);
