import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HttpClient } from '../../src/archive/http/http-client.js';
import { isPublicAddress } from '../../src/domain/public-address.js';
import type { Network } from '../../src/archive/http/reach.js';
import { createLocalGate } from '../../src/archive/politeness/host-gate.js';
import { all, fakeClock } from './support.js';

describe('an address', () => {
  it.each([
    ['10.1.2.3', '172.31.255.255', '192.168.0.1', '127.0.0.1', '127.255.0.9', '0.0.0.0', '169.254.169.254'],
    ['100.64.0.1', '192.0.0.8', '198.18.0.1', '203.0.113.9', '224.0.0.1', '255.255.255.255', '240.0.0.1'],
    ['::1', '::', 'fe80::1', 'fc00::1', 'fd12:3456::1', 'ff02::1', '2001:db8::1', '2002:7f00:1::', '4000::1'],
    ['::ffff:10.0.0.1', '::ffff:7f00:1', '64:ff9b::127.0.0.1', '64:ff9b:1::8.8.8.8', '64:ff9b::a9fe:a9fe'],
    ['', 'localhost', '1.2.3', '2130706433', '::ffff:0:127.0.0.1', '::127.0.0.1', 'fec0::1'],
  ])('that is private, reserved or none is none of the internet: %s …', (...addresses) => {
    expect(addresses.filter((address) => isPublicAddress(address))).toEqual([]);
  });

  it('of the internet is one, also where IPv6 stands for it', () => {
    const addresses = [
      '8.8.8.8',
      '129.219.50.1',
      '2600::1',
      '2a00:1450::8',
      '::ffff:8.8.8.8',
      '64:ff9b::808:808',
    ];
    expect(addresses.filter((address) => !isPublicAddress(address))).toEqual([]);
  });

  it('of a private range is private however it is mapped', () => {
    fc.assert(
      fc.property(
        fc.constantFrom([10], [127], [172, 16], [192, 168], [169, 254]),
        fc.array(fc.nat(255), { minLength: 3, maxLength: 3 }),
        (head, tail) => {
          const address = [...head, ...tail].slice(0, 4).join('.');
          expect(isPublicAddress(address)).toBe(false);
          expect(isPublicAddress(`::ffff:${address}`)).toBe(false);
          expect(isPublicAddress(`64:ff9b::${address}`)).toBe(false);
        },
      ),
    );
  });
});

/** 127.0.0.2 and what resolves to it stand for the internet here. */
const INTERNET = '127.0.0.2';

describe('where redirects lead', () => {
  const serve = async (
    host: string,
    listener: RequestListener,
  ): Promise<{ port: number; asked: string[] }> => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      listener(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return { port: (server.address() as AddressInfo).port, asked };
  };
  const answering = (host: string) => serve(host, (_, response) => response.end('secret'));
  const leadingTo = (host: string, target: string) =>
    serve(host, (_, response) => response.writeHead(302, { location: target }).end());

  const names: Record<string, string[]> = {
    'archive.example': [INTERNET],
    'bucket.example': [INTERNET],
    'inside.example': ['127.0.0.1'],
    'both.example': [INTERNET, '127.0.0.1'],
  };
  const network: Network = {
    isPublic: (address) => address === INTERNET,
    resolve: (name, answer) =>
      answer(
        null,
        (names[name] ?? ['127.0.0.1']).map((address) => ({ address, family: 4 })),
      ),
  };
  const opened = () => {
    const clock = fakeClock();
    const breaker = { failures: 1000, openMs: 1 };
    const gate = createLocalGate({ spacingMs: 0, patienceMs: 1000, clock, breaker });
    const client = new HttpClient({ userAgent: 'test', gate, clock, timeoutMs: 2000, retries: 0, network });
    onTestFinished(() => client.close());
    return (url: string): Promise<string> =>
      client.get(url, async ({ body }) => Buffer.concat(await all(body)).toString());
  };
  const get = (url: string) => opened()(url);

  it.each([
    ['its address', (port: number) => `http://127.0.0.1:${port}/x`],
    ['its address as one number', (port: number) => `http://2130706433:${port}/x`],
    ['its address in hexadecimal', (port: number) => `//0x7f.1:${port}/x`],
    ['its address as IPv6 maps it', (port: number) => `http://[::ffff:127.0.0.1]:${port}/x`],
    ['a name', (port: number) => `http://inside.example:${port}/x`],
    ['a name that is of the internet too', (port: number) => `http://both.example:${port}/x`],
  ])('is from the internet never to a private host by %s', async (_, target) => {
    const inside = await answering('127.0.0.1');
    const outside = await leadingTo(INTERNET, target(inside.port));
    await expect(get(`http://archive.example:${outside.port}/a`)).rejects.toMatchObject({
      code: 'redirect',
      message: expect.stringMatching(
        /^http:\/\/archive\.example:\d+\/a leads from the internet to \S+:\d+, which is at a private or reserved address; it is asked again later\.$/,
      ) as string,
    });
    expect(inside.asked).toEqual([]);
  });

  it('is never to another scheme than that of the web', async () => {
    for (const target of [
      'file:///etc/passwd',
      'ftp://bucket.example/x',
      'data:text/plain,x',
      'gopher://127.0.0.1/',
    ]) {
      const outside = await leadingTo(INTERNET, target);
      await expect(get(`http://archive.example:${outside.port}/a`), target).rejects.toThrow(/not http;/);
    }
  });

  it('is from the internet to the internet, as archives do that keep their files in a bucket', async () => {
    const bucket = await answering(INTERNET);
    const outside = await leadingTo(INTERNET, `http://bucket.example:${bucket.port}/x`);
    expect(await get(`http://archive.example:${outside.port}/a`)).toBe('secret');
  });

  it('is among private hosts where the operator named a private one', async () => {
    const inside = await answering('127.0.0.1');
    const mirror = await leadingTo('127.0.0.1', `http://inside.example:${inside.port}/x`);
    expect(await get(`http://127.0.0.1:${mirror.port}/a`)).toBe('secret');
    expect(await get(`http://mirror.example:${mirror.port}/a`)).toBe('secret');
  });

  it('is not back into the private network by a detour over the internet, nor over a connection that is open', async () => {
    const inside = await answering('127.0.0.1');
    const outside = await leadingTo(INTERNET, `http://inside.example:${inside.port}/x`);
    const mirror = await leadingTo('127.0.0.1', `http://archive.example:${outside.port}/b`);
    await expect(get(`http://127.0.0.1:${mirror.port}/a`)).rejects.toThrow(/leads from the internet/);

    const ask = opened();
    await ask(`http://inside.example:${inside.port}/open`);
    await expect(ask(`http://archive.example:${outside.port}/b`)).rejects.toThrow(/leads from the internet/);
    expect(inside.asked).toEqual(['/open']);
  });
});
