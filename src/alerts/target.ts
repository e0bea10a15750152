import { z } from 'zod';

/** Of the web, without user and password: those belong into a secret. */
export const webhookAddress = z.url({ protocol: /^https?$/ }).refine((text) => {
  if (!URL.canParse(text)) return true;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}, 'must be an address without user and password; keep one with them as a secret and name that by url_secret');

/** One address, without a name or a list: what goes into the header of a mail. */
export function isEmail(text: string): boolean {
  return /^[^\s@,;:<>()[\]"\\]+@[^\s@,;:<>()[\]"\\]+$/.test(text) && text.length <= 254;
}
