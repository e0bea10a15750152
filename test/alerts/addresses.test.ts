import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AllowedAddresses } from '../../src/alerts/addresses.js';
import { checkHost } from '../../src/alerts/guarded-agent.js';

const none = new AllowedAddresses([]);

/** Octets of addresses that must not be reached, from each range of the registry, and how they are judged by hand. */
const byte = fc.integer({ min: 0, max: 255 });
const privateV4 = fc.oneof(
  fc.tuple(fc.constantFrom(0, 10, 127), byte, byte, byte),
  fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), byte, byte),
  fc.tuple(fc.constant(169), fc.constant(254), byte, byte),
  fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), byte, byte),
  fc.tuple(fc.constant(192), fc.constant(168), byte, byte),
  fc.tuple(fc.constant(198), fc.constantFrom(18, 19), byte, byte),
  fc.tuple(fc.integer({ min: 224, max: 255 }), byte, byte, byte),
);
type Octets = [number, number, number, number];
const number = ([a, b, c, d]: Octets): number => ((a * 256 + b) * 256 + c) * 256 + d;
const hex = (value: number): string => `0x${value.toString(16)}`;
const octal = (value: number): string => `0${value.toString(8)}`;
const groups = ([a, b, c, d]: Octets): string =>
  `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;

/** Every way in which a URL may write an IPv4 address, and the IPv6 addresses that stand for one. */
const WAYS: readonly ((octets: Octets) => string)[] = [
  (o) => o.join('.'),
  (o) => String(number(o)),
  (o) => hex(number(o)),
  (o) => octal(number(o)),
  (o) => o.map(hex).join('.'),
  (o) => o.map(octal).join('.'),
  ([a, b, c, d]) => `${a}.${(b * 256 + c) * 256 + d}`,
  ([a, b, c, d]) => `${hex(a)}.${octal(b)}.${c * 256 + d}`,
  (o) => `${o.join('.')}.`,
  (o) => o.join('.').replaceAll('1', '１'),
  (o) => o.join('。'),
  (o) => o.join('%2e'),
  (o) => `[::ffff:${o.join('.')}]`,
  (o) => `[::ffff:${groups(o)}]`,
  (o) => `[0:0:0:0:0:FFFF:${groups(o)}]`,
  (o) => `[64:ff9b::${groups(o)}]`,
  (o) => `[64:ff9b::${o.join('.')}]`,
  (o) => `[::${o.join('.')}]`,
  (o) => `[2002:${groups(o)}::1]`,
  (o) => `[64:ff9b:1::${groups(o)}]`,
];

describe('addresses that alerts may go to', () => {
  it('are none that is private, however it is written', () => {
    fc.assert(
      fc.property(privateV4, fc.constantFrom(...WAYS), (octets, way) => {
        const url = new URL(`http://${way(octets)}/hook`);
        expect(() => checkHost(url, none)).toThrow('alerts.private');
      }),
      { numRuns: 2000 },
    );
  });

  it('are none of IPv6 outside the global unicast space, nor special within it', () => {
    const group = fc.integer({ min: 0, max: 0xffff });
    const rest = fc.array(group, { minLength: 7, maxLength: 7 });
    const first = fc.oneof(fc.integer({ min: 0, max: 0x1fff }), fc.integer({ min: 0x4000, max: 0xffff }));
    fc.assert(
      fc.property(first, rest, (head, tail) => {
        fc.pre(!(head === 0x64 && tail[0] === 0xff9b));
        expect(none.takes([head, ...tail].map((each) => each.toString(16)).join(':'))).toBe(false);
      }),
    );
    for (const address of [
      '::1',
      '::',
      'fe80::1',
      'fe80::1%eth0',
      'fc00::1',
      'fd12::1',
      'ff02::1',
      'fec0::1',
    ])
      expect({ address, takes: none.takes(address) }).toEqual({ address, takes: false });
    for (const address of [
      '2001:db8::1',
      '2001::1',
      '2001:0:4136:e378::1',
      '2002:7f00:1::',
      '3fff::1',
      '100::1',
    ])
      expect({ address, takes: none.takes(address) }).toEqual({ address, takes: false });
  });

  it('are the public ones, also where IPv6 stands for them', () => {
    for (const address of [
      '8.8.8.8',
      '151.101.1.69',
      '2606:4700::6810:84e5',
      '::ffff:8.8.8.8',
      '64:ff9b::808:808',
    ])
      expect({ address, takes: none.takes(address) }).toEqual({ address, takes: true });
    for (const edge of [
      '9.255.255.255',
      '11.0.0.0',
      '172.15.255.255',
      '172.32.0.0',
      '192.167.255.255',
      '223.255.255.255',
    ])
      expect({ edge, takes: none.takes(edge) }).toEqual({ edge, takes: true });
  });

  it('are private ones where they were allowed, and no others beside them', () => {
    const allowed = new AllowedAddresses(['10.2.0.0/16', '127.0.0.1', 'fd00::/8']);
    for (const address of ['10.2.3.4', '127.0.0.1', '::ffff:127.0.0.1', 'fd00::7', '8.8.8.8'])
      expect({ address, takes: allowed.takes(address) }).toEqual({ address, takes: true });
    for (const address of ['10.3.0.1', '127.0.0.2', '::1', 'fc00::7'])
      expect({ address, takes: allowed.takes(address) }).toEqual({ address, takes: false });
  });

  it('take no text that is not an address', () => {
    fc.assert(fc.property(fc.string(), (text) => !none.takes(text) || isIP(text) !== 0));
  });
});
