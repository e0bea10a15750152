import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const RELAY = fileURLToPath(new URL('relay.js', import.meta.url));
const BIN = fileURLToPath(new URL('../../../bin/selenoscan.js', import.meta.url));
const BRIDGE = `seleno${process.pid % 10_000}`;
/** Address of this machine among the nodes. */
export const HUB = '10.213.77.1';

const ip = (...args: string[]): void => {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
};

/** Whether this machine lets us make network namespaces. */
export function canMakeNodes(): boolean {
  const name = `selenoscan-try-${process.pid}`;
  if (spawnSync('ip', ['netns', 'add', name]).status !== 0) return false;
  return spawnSync('ip', ['netns', 'delete', name]).status === 0;
}

/** A network that nodes hang on; gone after the test. */
export function makeNetwork(): void {
  ip('link', 'add', BRIDGE, 'type', 'bridge');
  onTestFinished(() => ip('link', 'delete', BRIDGE));
  ip('addr', 'add', `${HUB}/24`, 'dev', BRIDGE);
  ip('link', 'set', BRIDGE, 'up');
}

/** A machine of its own as far as the network goes. */
export interface Node {
  /** Cuts it off: packets vanish, as behind a broken switch. */
  cut(): void;
  mend(): void;
  /** Runs a daemon there. */
  start(args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess;
  /** Makes a port of the hub answer on the node's own loopback. */
  reach(port: number): Promise<void>;
}

/** @param number 2..250, its place in the network */
export function makeNode(number: number): Node {
  const name = `${BRIDGE}n${number}`;
  const [outer, inner] = [`s${process.pid % 10_000}o${number}`, `s${process.pid % 10_000}i${number}`];
  ip('netns', 'add', name);
  onTestFinished(() => ip('netns', 'delete', name));
  ip('link', 'add', outer, 'type', 'veth', 'peer', 'name', inner, 'netns', name);
  // A namespace takes its links with it in its own time, after the next test has begun.
  onTestFinished(() => ip('link', 'delete', outer));
  ip('link', 'set', outer, 'master', BRIDGE, 'up');
  ip('-n', name, 'addr', 'add', `10.213.77.${number}/24`, 'dev', inner);
  ip('-n', name, 'link', 'set', inner, 'up');
  ip('-n', name, 'link', 'set', 'lo', 'up');
  const inside = (command: readonly string[], env: NodeJS.ProcessEnv): ChildProcess => {
    const child = spawn('ip', ['netns', 'exec', name, ...command], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    return child;
  };
  return {
    cut: () => ip('link', 'set', outer, 'nomaster'),
    mend: () => ip('link', 'set', outer, 'master', BRIDGE),
    start: (args, env) => inside([process.execPath, BIN, ...args], { PATH: process.env['PATH'], ...env }),
    reach: (port) => relay(inside, '127.0.0.1', port, HUB, port),
  };
}

/** Makes a port of this machine's loopback answer at the hub. */
export function offer(port: number): Promise<void> {
  const here = (command: readonly string[], env: NodeJS.ProcessEnv): ChildProcess => {
    const child = spawn(command[0]!, command.slice(1), { env, stdio: ['ignore', 'pipe', 'pipe'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    return child;
  };
  return relay(here, HUB, port, '127.0.0.1', port);
}

async function relay(
  run: (command: readonly string[], env: NodeJS.ProcessEnv) => ChildProcess,
  host: string,
  port: number,
  toHost: string,
  toPort: number,
): Promise<void> {
  const child = run([process.execPath, RELAY, host, String(port), toHost, String(toPort)], process.env);
  await once(child.stdout!, 'data');
}
