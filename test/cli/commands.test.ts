import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.js';
import { createProgram } from '../../src/cli/main.js';
import { runCli } from '../support/cli.js';

describe('the commands', () => {
  it('are each what their name says, and all in the help, in its order', async () => {
    const program = await createProgram();
    const names = program.commands.map((command) => command.name());
    expect(names).toEqual([...COMMANDS.keys()]);
    const help = program.helpInformation();
    for (const command of program.commands) expect(help).toContain(`  ${command.name()} [options]`);
  });

  it('are each the same when they are loaded alone', async () => {
    const all = await createProgram();
    for (const command of all.commands) {
      const [alone, ...others] = (await createProgram([command.name()])).commands;
      expect(others).toEqual([]);
      expect(alone?.helpInformation()).toBe(command.helpInformation());
    }
  });

  it('are looked for among all when the arguments begin with none of them', async () => {
    const [mistyped, version, withoutAny] = await Promise.all([
      runCli(['statsu']),
      runCli(['--version']),
      runCli([]),
    ]);
    expect(mistyped).toMatchObject({ code: 2, stdout: '' });
    expect(mistyped.stderr).toContain('Did you mean status?');
    expect(version).toMatchObject({ code: 0, stderr: '' });
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    for (const name of COMMANDS.keys()) expect(withoutAny.stderr).toContain(`\n  ${name} [`);
  });
});
