import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { loadConfig } from '../config/load.js';
import type { Config } from '../config/schema.js';
import { secretsOf } from '../config/secrets.js';
import { createLogger, type Logger } from '../telemetry/logger.js';

/** What every command has at hand: its configuration, its log and how to answer. */
export interface CommandContext {
  readonly config: Config;
  readonly log: Logger;
  /** Asked for one JSON object on stdout instead of text. */
  readonly json: boolean;
}

/** The options that every command takes (design 4.1). */
export function withCommonOptions(command: Command): Command {
  const has = (flag: string) => command.options.some((option) => option.long === flag);
  if (!has('--config')) command.option('--config <file>', 'configuration file, overriding the defaults');
  if (!has('--json')) command.option('--json', 'one JSON object on stdout, for machines');
  return command;
}

/** @throws UsageError when the configuration is not valid */
export function contextOf(options: { config?: string; json?: boolean }): CommandContext {
  const config = loadConfig(options.config);
  const log = createLogger(config.log.level, randomUUID().slice(0, 8), secretsOf(config));
  return { config, log, json: options.json === true };
}

/** Writes a command's result: one JSON object, or the lines for people. */
export function answer(context: CommandContext, value: unknown, lines: readonly string[]): void {
  process.stdout.write(
    context.json ? `${JSON.stringify(value)}\n` : lines.map((line) => `${line}\n`).join(''),
  );
}
