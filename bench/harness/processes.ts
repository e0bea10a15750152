import { readdirSync, readFileSync } from 'node:fs';

/** Kernel's unit of CPU time in /proc, per second: fixed on Linux for all of user space. */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

/** One line of /proc/PID/stat, as far as it is needed. */
export interface ProcessStat {
  readonly parent: number;
  /** Seconds of itself, and of children that ended and were waited for. */
  readonly cpuSeconds: number;
  readonly rssBytes: number;
}

/** @throws RangeError for a text that is none */
export function parseProcessStat(text: string): ProcessStat {
  // The name stands in brackets and may hold blanks and brackets itself.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = [11, 12, 13, 14].reduce((sum, i) => sum + Number(fields[i]), 0);
  const stat = {
    parent: Number(fields[1]),
    cpuSeconds: ticks / TICKS_PER_SECOND,
    rssBytes: Number(fields[21]) * PAGE_BYTES,
  };
  if (Object.values(stat).some((value) => !Number.isFinite(value)))
    throw new RangeError(`not the stat of a process: ${text.slice(0, 80)}`);
  return stat;
}

/** CPU seconds of a process's children that ended and were waited for, with theirs, from its /proc/PID/stat. */
export function parseChildrenCpu(text: string): number {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
}

/** Busy CPU seconds of the whole machine since its start, from the text of /proc/stat; stolen time counts. */
export function parseMachineCpu(text: string): number {
  const line = /^cpu +(.*)$/m.exec(text)?.[1] ?? '';
  const [user = NaN, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line.split(' ').map(Number);
  return (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND;
}

/** Pids of `root` and all below it. */
export function treeOf(root: number, parents: ReadonlyMap<number, number>): Set<number> {
  const tree = new Set([root]);
  for (let grown = true; grown;) {
    grown = false;
    for (const [pid, parent] of parents) {
      if (tree.has(pid) || !tree.has(parent)) continue;
      tree.add(pid);
      grown = true;
    }
  }
  return tree;
}

export interface TreeUse {
  readonly cpuSeconds: number;
  readonly rssBytes: number;
}

/** What a process and all below it use now, of Linux. Pages that several share count for each. */
export function useOfTree(root: number): TreeUse {
  const stats = new Map<number, ProcessStat>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      stats.set(Number(name), parseProcessStat(readFileSync(`/proc/${name}/stat`, 'utf8')));
    } catch {
      // It ended in the meantime.
    }
  }
  const tree = treeOf(root, new Map(Array.from(stats, ([pid, { parent }]) => [pid, parent])));
  let [cpuSeconds, rssBytes] = [0, 0];
  for (const pid of tree) {
    cpuSeconds += stats.get(pid)?.cpuSeconds ?? 0;
    rssBytes += stats.get(pid)?.rssBytes ?? 0;
  }
  return { cpuSeconds, rssBytes };
}

export function machineCpuSeconds(): number {
  return parseMachineCpu(readFileSync('/proc/stat', 'utf8'));
}
