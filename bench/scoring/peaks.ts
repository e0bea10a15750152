import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What one core can do at most, 10^9 operations (a multiply and an add are two) a second; absent where it cannot. */
export interface Peaks {
  readonly fma_fp32?: number;
  readonly vnni_int8?: number;
  readonly amx_int8?: number;
  readonly amx_bf16?: number;
}

const KINDS = [
  { name: 'fma_fp32', needs: 'avx512f', flags: ['-mavx512f'] },
  { name: 'vnni_int8', needs: 'avx512_vnni', flags: ['-mavx512f', '-mavx512vnni'] },
  { name: 'amx_int8', needs: 'amx_int8', flags: ['-mamx-tile', '-mamx-int8'] },
  { name: 'amx_bf16', needs: 'amx_bf16', flags: ['-mamx-tile', '-mamx-bf16'] },
] as const;

/** Measures by small C loops over registers; without gcc, or elsewhere than on Linux, nothing. */
export async function measurePeaks(): Promise<Peaks> {
  const flags = cpuFlags();
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-peaks-'));
  try {
    const peaks: Partial<Record<(typeof KINDS)[number]['name'], number>> = {};
    for (const { name, needs, flags: options } of KINDS) {
      if (!flags.has(needs)) continue;
      const program = path.join(folder, name);
      const source = new URL('../../../../bench/scoring/peaks.c', import.meta.url).pathname;
      const built = spawnSync('gcc', ['-O2', ...options, `-DMEASURE_${name}`, source, '-o', program]);
      if (built.status !== 0) continue;
      const { status, stdout } = spawnSync(program, { encoding: 'utf8' });
      if (status === 0) peaks[name] = Number(stdout);
    }
    return peaks;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Instruction sets of the first core. */
export function cpuFlags(): Set<string> {
  try {
    const line = /^flags\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'));
    return new Set(line?.[1]?.split(' ') ?? []);
  } catch {
    return new Set();
  }
}
