import { Writable } from 'node:stream';
import { pino, type Logger, type LoggerOptions } from 'pino';
import pretty from 'pino-pretty';
import { hideSecrets, hideValues } from '../domain/hide-secrets.js';
import { terminalBars } from './terminal-bars.js';

export type { Logger } from 'pino';

/**
 * Structured log on stderr, so that stdout stays for results: pretty on a terminal, JSON lines elsewhere.
 * Calls give the object first, then a stable event name: `log.info({ tiles }, 'Scan:Committed')`.
 *
 * @param secrets values that no line may hold, beside what looks like a secret
 */
export function createLogger(level: string, run: string, secrets: readonly string[] = []): Logger {
  const options = loggerOptions(level, run, secrets);
  if (process.stderr.isTTY) {
    return pino(
      options,
      pretty({ destination: aboveBars(), ignore: 'pid,hostname,run', translateTime: 'HH:MM:ss' }),
    );
  }
  return pino(options, pino.destination({ dest: 2, sync: true }));
}

/** Whole lines are searched for secrets, so that none gets by in an error's stack or a field that nobody thought of. */
export function loggerOptions(level: string, run: string, secrets: readonly string[]): LoggerOptions {
  return {
    level,
    base: { run },
    hooks: { streamWrite: (line) => hideValues(hideSecrets(line), secrets) },
  };
}

/** A terminal that also shows bars: lines go above them. */
function aboveBars(): Writable {
  return new Writable({
    decodeStrings: false,
    write(line: string | Buffer, _encoding, done) {
      const text = line.toString();
      if (!terminalBars.above(text)) process.stderr.write(text);
      done();
    },
  });
}
