import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Runner } from './our-engines.js';

const SCRIPT = fileURLToPath(new URL('../../../../bench/gpu/torch_cuda.py', import.meta.url));
const LATENT = 64;

/** PyTorch in a process of its own, warm and compiled. @throws Error with what it said where it does not start */
export async function openTorch(batch: number, precision: 'bf16' | 'fp16' | 'fp32'): Promise<Runner> {
  const python = process.env['SELENOSCAN_PYTHON'] ?? 'python3';
  const child = spawn(python, [SCRIPT, String(batch), String(LATENT), precision], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const line: IteratorResult<string, unknown> = await lines.next();
    if (line.done === true)
      throw new Error(`PyTorch (${python}, ${precision}) ended; its own message is above.`);
    return line.value;
  };
  await next();
  return {
    name: `torch_${precision}`,
    run: async (seconds) => {
      child.stdin.write(`${seconds}\n`);
      return Number(await next());
    },
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
