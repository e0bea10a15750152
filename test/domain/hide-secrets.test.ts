import { pino } from 'pino';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.js';
import { secretsOf } from '../../src/config/secrets.js';
import {
  InvalidProductError,
  MissingProductError,
  OperationalError,
  TransientError,
  UsageError,
} from '../../src/domain/errors.js';
import { hideSecrets, hideValues } from '../../src/domain/hide-secrets.js';
import { loggerOptions } from '../../src/telemetry/logger.js';

/** A secret as people and services make them, found in no other word. */
const secret = fc
  .string({
    unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456789_-.~'),
    minLength: 12,
    maxLength: 40,
  })
  .map((text) => `Zq7${text}`);

/** Ways in which a secret gets into a text. */
const carriers: readonly ((secret: string) => string)[] = [
  (value) => `http://user:${value}@archive.example/data/`,
  (value) => `https://${value}@archive.example/data/?x=1`,
  (value) => `ftp://user:${value}@archive.example/`,
  (value) => `postgres://moon:${value}@db.example:5432/moon?sslmode=require`,
  (value) => `postgresql://moon:${value}/@?#x@db.example/moon`,
  (value) => `https://archive.example/M1271742202LC_pyr.tif?X-Amz-Date=1&X-Amz-Signature=${value}&x=2`,
  (value) => `https://bucket.example/a?X-Amz-Credential=${value}%2F20260901&X-Amz-Security-Token=${value}`,
  (value) => `https://archive.example/a.tif?sv=2020&sig=${value}`,
  (value) => `https://archive.example/a.tif?Policy=${value}&Signature=${value}&Key-Pair-Id=${value}`,
  (value) => `http://127.0.0.1:8080/?token=${value}`,
  (value) => `https://archive.example/?api_key=${value}#end`,
  (value) => `authorization: Bearer ${value}`,
  (value) => `Authorization: Basic ${value}==`,
  (value) => `host=db.example user=moon password=${value} dbname=moon`,
  (value) => `password='${value}'`,
];

const sentence = fc
  .tuple(fc.constantFrom(...carriers), secret, fc.lorem(), fc.lorem())
  .map(([carry, value, before, after]) => ({ value, text: `${before} ${carry(value)} ${after}` }));

describe('a text', () => {
  it('as it is shown holds no secret, whatever carried it', () => {
    fc.assert(
      fc.property(sentence, ({ value, text }) => {
        expect(hideSecrets(text)).not.toContain(value);
      }),
    );
  });

  it('keeps what is no secret', () => {
    for (const text of [
      'No database is configured; set DATABASE_URL to a PostGIS database, e.g. postgres://user@localhost/moon.',
      'https://pds.lroc.im-ldi.com/data/LRO-L-LROC-3-CDR-V1.0/LROLRC_1034/EXTRAS/BROWSE/2018028/M1271742202LC_pyr.tif answered HTTP 500; it is asked again later.',
      'https://oderest.rsl.wustl.edu/live2/?target=moon&query=product&results=opmf&output=JSON&ihid=LRO&iid=LROC&pt=CDRNAC4&limit=100&offset=0',
      'http.host is 0.0.0.0; set http.token (SELENOSCAN_HTTP_TOKEN) or listen on 127.0.0.1.',
      'A bearer token is needed; write to mailto:operator@observatory.example.',
      'selenoscan/0.1.0 (+mailto:a@b.example) asked http://127.0.0.1:8399/data/ at 12:30:00',
    ])
      expect(hideSecrets(text)).toBe(text);
  });

  it('is the same when its secrets are hidden twice', () => {
    fc.assert(
      fc.property(sentence, ({ text }) => {
        expect(hideSecrets(hideSecrets(text))).toBe(hideSecrets(text));
      }),
    );
  });
});

describe('an error', () => {
  it('carries no secret, so that none is stored with a scan, answered or shown', () => {
    const makers = [
      (text: string) => new UsageError(text),
      (text: string) => new OperationalError('a', text),
      (text: string) => new InvalidProductError('a', text),
      (text: string) => new MissingProductError(text),
      (text: string) => new TransientError('a', text),
    ];
    fc.assert(
      fc.property(sentence, fc.constantFrom(...makers), ({ value, text }, make) => {
        const error = make(text);
        expect(`${error.message} ${error.stack}`).not.toContain(value);
      }),
    );
  });
});

describe('the log', () => {
  const logged = (secrets: readonly string[], write: (log: pino.Logger) => void): string => {
    const lines: string[] = [];
    write(pino(loggerOptions('trace', 'run', secrets), { write: (line: string) => void lines.push(line) }));
    return lines.join('');
  };

  it('holds no secret, be it in a field, a message, an error, its cause or an object deep below', () => {
    fc.assert(
      fc.property(sentence, ({ value, text }) => {
        const lines = logged([], (log) => {
          log.info({ url: text, urls: [text], deep: { deeper: { text } } }, 'Event');
          log.warn({}, `Event: ${text}`);
          log.error({ err: new Error(text, { cause: new Error(text) }) }, 'Event');
          log.child({ bound: text }).info('Event');
          log.info(
            { password: value, db: { http_token: value }, headers: { authorization: value } },
            'Event',
          );
        });
        expect(lines.split('\n')).toHaveLength(6);
        expect(lines).not.toContain(value);
        for (const line of lines.trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ run: 'run' });
      }),
    );
  });

  it('holds none of the values of the secret keys, wherever they stand, as they are or as JSON and addresses write them', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6 }), fc.string({ minLength: 8, maxLength: 30 }), (token, other) => {
        const value = `Zq7${token}`;
        const lines = logged([value, other], (log) => {
          log.info({ field: value, other: `a${value}b` }, `told ${value}`);
          log.info({ address: `https://a.example/${encodeURIComponent(value)}` }, 'Event');
        });
        expect(lines).not.toContain(JSON.stringify(value).slice(1, -1));
        expect(lines).not.toContain(encodeURIComponent(value));
      }),
    );
  });
});

describe('the configuration’s secrets', () => {
  it('are the values of all keys that are marked so, with the passwords within them', () => {
    const config = loadConfig(undefined, {
      DATABASE_URL: 'postgres://moon:p%40ssw0rd@db.example/moon',
      SELENOSCAN_HTTP_TOKEN: 'a-long-token',
    });
    expect(secretsOf(config)).toEqual(
      expect.arrayContaining([
        'postgres://moon:p%40ssw0rd@db.example/moon',
        'p%40ssw0rd',
        'p@ssw0rd',
        'a-long-token',
      ]),
    );
    const line = 'login of moon with p@ssw0rd by a-long-token at postgres://moon:p%40ssw0rd@db.example/moon';
    expect(hideValues(line, secretsOf(config))).toBe('login of moon with *** by *** at ***');
  });

  it('do not get into addresses that are stored: those of the archive take neither user, password nor query', () => {
    for (const url of [
      'https://user:word@archive.example/',
      'https://user@archive.example/',
      'https://archive.example/?token=a',
      'https://archive.example/#a',
    ])
      for (const [name, text] of [
        ['SELENOSCAN_ARCHIVE_URLS', JSON.stringify([url])],
        ['SELENOSCAN_ARCHIVE_ODE', url],
      ] as const)
        expect(() => loadConfig(undefined, { [name]: text }), url).toThrow(
          /an address without user, password, query and fragment/,
        );
  });
});
