import { createHash } from 'node:crypto';
import { TransientError } from '../../domain/errors.js';
import type { Validator } from '../archive-source.js';
import { assertNotPage } from './content-check.js';
import type { Answer, GetOptions, HttpClient } from './http-client.js';

/** Labels are 2-40 kB; far beyond that it is something else. */
const MAX_BYTES = 4 << 20;

export interface TextAnswer {
  readonly text: string;
  readonly md5: string;
  readonly validator: Validator;
}

/**
 * Gets a small text.
 * @param known what the server said of the copy at hand; null answers "unchanged since then"
 */
export function readText(
  client: HttpClient,
  url: string,
  options: GetOptions,
  known?: Validator,
): Promise<TextAnswer | null> {
  const headers: Record<string, string> = {};
  if (known?.etag) headers['If-None-Match'] = known.etag;
  if (known?.lastModified) headers['If-Modified-Since'] = known.lastModified;
  return client.get(url, (answer) => textOf(answer, url), { ...options, headers });
}

async function textOf(answer: Answer, url: string): Promise<TextAnswer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer.body) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES)
      throw new TransientError('too_large', `${url} is no label: it exceeds ${MAX_BYTES} bytes.`);
    chunks.push(chunk);
  }
  if (answer.status === 304) return null;
  const body = Buffer.concat(chunks);
  assertNotPage(answer.headers.get('content-type'), body, url);
  return {
    text: body.toString('utf8'),
    md5: createHash('md5').update(body).digest('hex'),
    validator: {
      etag: answer.headers.get('etag'),
      lastModified: answer.headers.get('last-modified'),
    },
  };
}
