import { isTiff } from '../../archive/http/content-check.js';
import { parseContentRange } from '../../archive/http/content-range.js';
import { userAgent } from '../parts.js';
import type { ArchiveFacts } from './archive-facts.js';
import type { Heard } from './asker.js';
import { assumed, told, type Question } from './question.js';

/** How the archive's hosts answer. */
export const HTTP_QUESTIONS: readonly Question[] = [
  {
    text: 'Does the front host redirect, and where to?',
    async answer(facts) {
      const { label } = await facts.newest();
      const { status, headers } = await facts.asker.ask(label.url, { stay: true, maxBytes: 64 });
      const location = headers.get('location');
      return told(
        location === null
          ? `no: ${new URL(label.url).host} answers HTTP ${status} itself`
          : `HTTP ${status} to ${new URL(location, label.url).host}: ${location}`,
      );
    },
  },
  {
    text: 'Is a conditional request for an unchanged label answered by 304?',
    async answer(facts) {
      const { label } = await facts.newest();
      const etag = label.headers.get('etag');
      const lastModified = label.headers.get('last-modified');
      if (etag === null && lastModified === null)
        return assumed(false, 'it has neither ETag nor Last-Modified');
      const headers: Record<string, string> = {};
      if (etag !== null) headers['If-None-Match'] = etag;
      if (lastModified !== null) headers['If-Modified-Since'] = lastModified;
      const { status } = await facts.asker.ask(label.url, { headers, maxBytes: 64 });
      return assumed(
        status === 304,
        `HTTP ${status} with ETag ${etag ?? 'none'}, Last-Modified ${lastModified ?? 'none'}`,
      );
    },
  },
  {
    text: 'Does a range of an image come across the redirect as 206 with the right Content-Range?',
    async answer(facts) {
      const heard = await facts.probe((await facts.picture()).product);
      const range = parseContentRange(heard.headers.get('content-range'));
      return assumed(
        heard.status === 206 && range?.first === 0 && range.last === 7 && isTiff(heard.body),
        `HTTP ${heard.status}, Content-Range ${heard.headers.get('content-range') ?? 'none'}, Accept-Ranges ${heard.headers.get('accept-ranges') ?? 'none'}, first bytes ${heard.body.toString('hex')}`,
      );
    },
  },
  {
    text: 'Is If-Range heeded: a part of the same version, the whole of another?',
    async answer(facts) {
      const url = await labelOfImage(facts);
      const whole = await facts.asker.ask(url, { maxBytes: 16 });
      const etag = whole.headers.get('etag') ?? whole.headers.get('last-modified');
      if (etag === null) return assumed(false, `${url} has neither ETag nor Last-Modified`);
      const part = (version: string): Promise<Heard> =>
        facts.asker.ask(url, { headers: { Range: 'bytes=8-15', 'If-Range': version }, maxBytes: 16 });
      const same = await part(etag);
      const other = await part('"00000000000000000000000000000000"');
      return assumed(
        same.status === 206 && other.status === 200,
        `HTTP ${same.status} for its own ${etag}, HTTP ${other.status} for another ETag`,
      );
    },
  },
  {
    text: 'How are several ranges in one request answered?',
    async answer(facts) {
      const url = await labelOfImage(facts);
      const { status, headers } = await facts.asker.ask(url, {
        headers: { Range: 'bytes=0-7,16-23' },
        maxBytes: 16,
      });
      return told(
        `HTTP ${status}, ${headers.get('content-type') ?? 'no type'}: ${status === 206 ? 'in parts' : 'not in parts'}; this product asks for one range at a time`,
      );
    },
  },
  {
    text: 'Is our User-Agent served?',
    async answer(facts) {
      const { label } = await facts.newest();
      const server = label.headers.get('server') ?? 'a server without a name';
      return assumed(label.status === 200, `HTTP ${label.status} by ${server} to ${userAgent(facts.config)}`);
    },
  },
  {
    text: 'What does robots.txt say?',
    async answer(facts) {
      const url = new URL('/robots.txt', facts.base).href;
      const { status, body } = await facts.asker.ask(url);
      const lines = body.toString('latin1').split(/\r?\n/);
      const rules = lines.filter((line) => /^\s*(user-agent|disallow|allow|crawl-delay)\s*:/i.test(line));
      const text = rules
        .map((line) => line.trim())
        .join(' | ')
        .slice(0, 500);
      return told(
        status === 200 && rules.length > 0 ? text : `nothing: HTTP ${status}, ${rules.length} rules`,
      );
    },
  },
];

/** A small file that is surely there: whole answers of it are no burden. */
async function labelOfImage(facts: ArchiveFacts): Promise<string> {
  return `${facts.browseAddress((await facts.picture()).product)}.xml`;
}
