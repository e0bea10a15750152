import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';

/** Where figures were measured. */
export interface MachineFacts {
  readonly cpu: string;
  readonly cores: number;
  /** Of the instruction sets that matter for networks, those that the processor has. */
  readonly instructions: readonly string[];
  readonly memory_gb: number;
  /** Giga-operations a second of one core in registers, a multiply-add as two; null where it was not measured. */
  readonly fp32_peak_gflops: number | null;
  readonly int8_peak_gops: number | null;
  /** Of the matrix units (AMX), where there are any. */
  readonly amx_int8_peak_gops: number | null;
  readonly amx_bf16_peak_gflops: number | null;
  readonly node: string;
  readonly kernel: string;
  /** Versions of what was measured, by name. */
  readonly libraries: Readonly<Record<string, string>>;
}

const INSTRUCTIONS = [
  'avx2',
  'fma',
  'avx512f',
  'avx512_vnni',
  'avx512_bf16',
  'avx_vnni',
  'amx_tile',
  'amx_int8',
  'amx_bf16',
];
const LIBRARIES = ['onnxruntime-node', 'sharp', 'geotiff', '@tensorflow/tfjs-node-gpu', 'pg'];
/** Lies beside the sources: benches run in the repository's root. */
const PEAK_SOURCE = 'bench/harness/peak.c';

/** @param libraries versions beside those of the packages, such as PyTorch's */
export function machineFacts(libraries: Readonly<Record<string, string>> = {}): MachineFacts {
  const flags = cpuFlags();
  const peaks = measurePeaks(flags);
  const own = LIBRARIES.flatMap((name) => {
    try {
      const file = join('node_modules', name, 'package.json');
      const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
      return [[name, version]];
    } catch {
      return [];
    }
  });
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    instructions: INSTRUCTIONS.filter((name) => flags.has(name)),
    memory_gb: Math.round(totalmem() / 2 ** 30),
    fp32_peak_gflops: peaks[flags.has('avx512f') ? 'fp32_512' : 'fp32_256'] ?? null,
    int8_peak_gops: peaks['int8_512'] ?? null,
    amx_int8_peak_gops: peaks['amx_int8'] ?? null,
    amx_bf16_peak_gflops: peaks['amx_bf16'] ?? null,
    node: process.version,
    kernel: readOr('/proc/sys/kernel/osrelease', 'unknown').trim(),
    libraries: { ...(Object.fromEntries(own) as Record<string, string>), ...libraries },
  };
}

function readOr(path: string, other: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return other;
  }
}

function cpuFlags(): Set<string> {
  return new Set(/^flags\s*:(.*)$/m.exec(readOr('/proc/cpuinfo', ''))?.[1]?.trim().split(' ') ?? []);
}

/** What each loop needs of the processor. */
const LOOPS: Readonly<Record<string, readonly string[]>> = {
  fp32_512: ['avx512f'],
  fp32_256: ['avx2', 'fma'],
  int8_512: ['avx512f', 'avx512_vnni'],
  amx_int8: ['amx_tile', 'amx_int8'],
  amx_bf16: ['amx_tile', 'amx_bf16'],
};

/** Compiles the loops with the system's C compiler and runs those that the processor has; nothing without one. */
function measurePeaks(flags: ReadonlySet<string>): Partial<Record<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), 'selenoscan-peak-'));
  try {
    const program = join(folder, 'peak');
    if (spawnSync('gcc', ['-O2', '-o', program, PEAK_SOURCE], { stdio: 'ignore' }).status !== 0) return {};
    const peaks: Partial<Record<string, number>> = {};
    for (const [name, needs] of Object.entries(LOOPS)) {
      if (!needs.every((flag) => flags.has(flag))) continue;
      try {
        peaks[name] = Number(
          execFileSync(program, [name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
        );
      } catch {
        // A virtual machine may name what it does not let through.
      }
    }
    return peaks;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
