import { isUserFacing } from '../../domain/errors.js';
import { systemClock } from '../../telemetry/clock.js';
import { contextOf } from '../context.js';
import { openHttpClient } from '../parts.js';
import { askArchive, type Tally } from './ask-archive.js';

/** `npm run test:online`: the questions, asked as configured. Null where the configuration is not valid. */
export async function askOnline(configFile: string | undefined): Promise<Tally | null> {
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  try {
    const { config } = contextOf(configFile === undefined ? {} : { config: configFile });
    const client = openHttpClient(config);
    try {
      return await askArchive(config, { client, clock: systemClock, print });
    } finally {
      client.close();
    }
  } catch (error) {
    if (!isUserFacing(error)) throw error;
    print(error.message);
    return null;
  }
}
