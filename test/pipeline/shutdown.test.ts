import { spawn } from 'node:child_process';
import { expect, it } from 'vitest';

const MODULE = new URL('../../dist/pipeline/shutdown.js', import.meta.url).href;

/** Events and exit code of a process that is asked to stop while something of it never comes to an end. */
async function stopped(longestMs: number): Promise<{ code: number | null; said: string[] }> {
  const script = `
    import { Shutdown } from ${JSON.stringify(MODULE)};
    const say = (_, event) => console.log(event);
    const shutdown = new Shutdown({ info: say, warn: say }, ${longestMs});
    setInterval(() => undefined, 1000);
    process.kill(process.pid, 'SIGTERM');`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, said: text.trim().split('\n') };
}

it('ends by force after a while where something never comes to an end', async () => {
  expect(await stopped(200)).toEqual({ code: 130, said: ['Shutdown:Asked', 'Shutdown:Overdue'] });
});
