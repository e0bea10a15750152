import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';

export type { Logger } from 'pino';

/**
 * Structured log on stderr, so that stdout stays for results: pretty on a terminal, JSON lines elsewhere.
 * Calls give the object first, then a stable event name: `log.info({ tiles }, 'Scan:Committed')`.
 */
export function createLogger(level: string, run: string): Logger {
  const options = { level, base: { run }, redact: ['url.password', '*.password', 'databaseUrl'] };
  if (process.stderr.isTTY) {
    return pino(
      options,
      pretty({ destination: 2, sync: true, ignore: 'pid,hostname,run', translateTime: 'HH:MM:ss' }),
    );
  }
  return pino(options, pino.destination({ dest: 2, sync: true }));
}
