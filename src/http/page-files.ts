import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { OperationalError } from '../domain/errors.js';
import { sessionCookie } from './access.js';

/** Where the build puts the page; the same from src/ and dist/. */
const FOLDER = new URL('../../dist/page/', import.meta.url);

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** A file of the page, read once at start: a request can name no other file. */
export interface PageFile {
  /** e.g. `/page.js`; the HTML is `/`. */
  readonly path: string;
  readonly type: string;
  readonly etag: string;
  readonly bytes: Buffer;
  readonly zipped: Buffer;
}

/** @throws OperationalError where the page was not built */
export async function readPageFiles(folder: URL = FOLDER): Promise<PageFile[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => extname(name) in TYPES);
  if (!names.includes('index.html'))
    throw new OperationalError('page_missing', 'The page was not built: run npm run build.');
  return Promise.all(
    names.map(async (name) => {
      const bytes = await readFile(new URL(name, folder));
      return {
        path: name === 'index.html' ? '/' : `/${name}`,
        type: TYPES[extname(name)] ?? 'application/octet-stream',
        etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
        bytes,
        zipped: await promisify(gzip)(bytes),
      };
    }),
  );
}

/**
 * Serves the page. `/?token=…` leaves a cookie and then the page, not a redirect: a browser that comes from a
 * link elsewhere would not send a strict cookie along a redirect. The page takes the token out of its address.
 */
export function servePage(app: FastifyInstance, files: readonly PageFile[], token: string): void {
  for (const file of files) {
    app.get<{ Querystring: Record<string, string | string[] | undefined> }>(file.path, (request, reply) => {
      const given = request.query['token'];
      const cookie = file.path === '/' && typeof given === 'string' ? sessionCookie(given, token) : null;
      if (cookie !== null) void reply.header('set-cookie', cookie);
      void reply.headers({
        etag: file.etag,
        'cache-control': cookie === null ? 'no-cache' : 'no-store',
        vary: 'accept-encoding',
      });
      if (cookie === null && request.headers['if-none-match'] === file.etag) return reply.code(304).send();
      const zip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
      if (zip) void reply.header('content-encoding', 'gzip');
      return reply.type(file.type).send(zip ? file.zipped : file.bytes);
    });
  }
}
