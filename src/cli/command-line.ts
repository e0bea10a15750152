/** The command as it was typed, quoted for a shell: for the card of what it made. */
export function commandLine(argv: readonly string[] = process.argv.slice(2)): string {
  return ['selenoscan', ...argv].map(quoted).join(' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
