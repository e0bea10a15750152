import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { workerUrl } from '../../workers/worker-url.js';
import { environmentOf } from './engine-environment.js';
import type { EngineDevice, EngineName, EngineSpec } from './engine-spec.js';

/** What an engine did when it was tried: scored on a device, or why it could not. */
export type EngineProbe =
  ({ readonly engine: EngineName } & EngineAnswer) | { readonly engine: EngineName; readonly reason: string };

/** An engine that works. */
export interface EngineAnswer {
  readonly device: EngineDevice;
  readonly version: string;
  /** Whether it screens in bfloat16, which its CPU has; of OpenVINO. */
  readonly bf16?: boolean;
}

/** An engine that does not answer by then is of no use, ms. */
const PATIENCE_MS = 25_000;

/**
 * Tries an engine in a process of its own, so that what it holds is let go again, and a driver that crashes takes
 * nothing with it: it computes something with a known result on the device, which tells more than a list of devices.
 */
export function probeEngine(spec: EngineSpec): Promise<EngineProbe> {
  const { engine } = spec;
  const entry = fileURLToPath(workerUrl('probe-engine'));
  const options = {
    env: { ...environmentOf(spec), ...process.env },
    timeout: PATIENCE_MS,
    killSignal: 'SIGKILL',
  } as const;
  return new Promise((resolve) => {
    execFile(process.execPath, [entry, engine], options, (error, stdout) => {
      const answer = parse(stdout);
      if (answer) resolve({ engine, ...answer });
      else if (error?.killed) resolve({ engine, reason: `it did not answer within ${PATIENCE_MS / 1000} s` });
      else {
        const how = error?.signal ?? `exit ${error?.code ?? 0}`;
        resolve({ engine, reason: `it ended the process that tried it (${how})` });
      }
    });
  });
}

/** What the probing process prints last. */
export type ProbeAnswer = EngineAnswer | { readonly reason: string };

function parse(stdout: string): ProbeAnswer | null {
  const last = stdout.trim().split('\n').at(-1) ?? '';
  try {
    return JSON.parse(last) as ProbeAnswer;
  } catch {
    return null;
  }
}

/**
 * Whether this machine shows any GPU: then engines are worth trying. Linux has a file for each, also Windows'
 * Linux; elsewhere it is not known, and true.
 */
export function showsGpu(): boolean {
  if (process.platform !== 'linux') return true;
  const rendering =
    existsSync('/dev/dri') && readdirSync('/dev/dri').some((name) => name.startsWith('renderD'));
  return rendering || ['/dev/nvidiactl', '/dev/nvidia0', '/dev/dxg'].some((file) => existsSync(file));
}
