import { existsSync, readdirSync } from 'node:fs';

/** The first folder in models/, or null where there is none. */
export function shippedModel(): string | null {
  const found = existsSync('models') ? readdirSync('models').filter((name) => name.includes('@')) : [];
  return found.length > 0 ? `models/${found.sort()[0]}` : null;
}
