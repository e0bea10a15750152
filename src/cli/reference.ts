import type { Command, Option } from 'commander';

/** The options that every command takes, told once. */
const COMMON = new Set(['--help', '--config', '--json']);

/** `docs/reference-cli.md`: every command with its arguments and options, from the code that reads them. */
export function commandReference(program: Command): string {
  const out = [
    '# Command line',
    '',
    `Generated from the commands themselves by \`npm run docs\`.`,
    '',
    program.description(),
    '',
    'Every command takes `--help`, `--config FILE` (a configuration file, see [configuration](reference-config.md)) and `--json` (one object on stdout, for machines). It exits with 0 when it is done, 1 when it failed and 2 for wrong usage or configuration.',
    '',
    ...program.commands.map(
      (command) => `- [\`${command.name()}\`](#${anchor(command.name())}): ${command.description()}`,
    ),
  ];
  for (const command of program.commands) {
    const parts = command.commands.length === 0 ? [command] : command.commands;
    out.push('', `## ${command.name()}`, '', `${sentence(command.description())}`);
    for (const part of parts) {
      const name = part === command ? command.name() : `${command.name()} ${part.name()}`;
      if (part !== command) out.push('', `### ${name}`, '', sentence(part.description()));
      out.push('', '```', `selenoscan ${name} [options] ${usageOf(part)}`.trimEnd(), '```');
      const rows = [
        ...part.registeredArguments.map((argument) => [
          `\`${argument.required ? `<${argument.name()}>` : `[${argument.name()}]`}\``,
          argument.description,
          '',
        ]),
        ...part.options
          .filter((option) => !COMMON.has(option.long ?? ''))
          .map((option) => [`\`${option.flags}\``, option.description, defaultOf(option)]),
      ].map((row) => row.map(cell));
      if (rows.length === 0) continue;
      out.push('', '| | | default |', '|---|---|---|', ...rows.map((row) => `| ${row.join(' | ')} |`));
    }
  }
  return `${out.join('\n')}\n`;
}

function usageOf(command: Command): string {
  return command
    .usage()
    .replace(/\[options\]\s*/, '')
    .replace('[command]', '')
    .trim();
}

function defaultOf(option: Option): string {
  if (option.defaultValueDescription !== undefined) return option.defaultValueDescription;
  const value: unknown = option.defaultValue;
  return value === undefined || value === false || value === '' ? '' : JSON.stringify(value);
}

function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function anchor(name: string): string {
  return name.toLowerCase().replaceAll(' ', '-');
}
