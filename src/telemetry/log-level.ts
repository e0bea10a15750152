import type { Logger } from './logger.js';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The level of a running process's log. What is logged of a scan in work keeps the level that it began with. */
export interface LogControl {
  readonly level: () => LogLevel;
  readonly set: (level: LogLevel) => void;
}

export function logControl(log: Logger): LogControl {
  return {
    level: () => log.level as LogLevel,
    set(level) {
      const before = log.level;
      log.level = level;
      if (before !== level) log.warn({ before, level }, 'Log:Level');
    },
  };
}

/**
 * SIGUSR2 turns debug lines on, and the next one off again; SIGUSR1 is Node's own, for its debugger.
 * @returns ends that
 */
export function toggleDebugBySignal(control: LogControl): () => void {
  const usual = control.level();
  const toggle = (): void => control.set(control.level() === 'debug' ? usual : 'debug');
  process.on('SIGUSR2', toggle);
  return () => process.off('SIGUSR2', toggle);
}
