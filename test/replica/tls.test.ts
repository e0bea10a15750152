import { request } from 'node:https';
import { describe, expect, it } from 'vitest';
import { selfSigned } from './self-signed.js';
import { archiveUrls, testReplica } from './support.js';

/** Status, and Location, of an answer by https. */
function get(
  url: string,
  ca?: string,
): Promise<{ status: number | undefined; location: string | undefined }> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { ca, agent: false }, (response) => {
      response.resume();
      response.once('end', () =>
        resolve({ status: response.statusCode, location: response.headers.location }),
      );
    });
    asked.once('error', reject);
    asked.end();
  });
}

describe('a replica with a certificate', () => {
  it('serves https, and sends on to its other name by https', async () => {
    const tls = selfSigned({ names: ['127.0.0.1', 'localhost'] });
    const replica = await testReplica({ tls });
    expect(replica.address).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/$/);
    const { front, image } = archiveUrls(replica);
    expect(await get(front, tls.cert)).toEqual({ status: 302, location: image });
    expect(await get(image, tls.cert)).toMatchObject({ status: 200 });
  });

  it.each([
    ['that nobody vouches for', { names: ['127.0.0.1'] }, false, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['for another host', { names: ['archive.example'] }, true, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    [
      'that is past its time',
      { names: ['127.0.0.1'], notAfter: new Date('2020-01-01') },
      true,
      'CERT_HAS_EXPIRED',
    ],
  ])('%s is refused by whoever checks it', async (_, options, trusted, code) => {
    const tls = selfSigned(options);
    const replica = await testReplica({ tls });
    await expect(get(archiveUrls(replica).front, trusted ? tls.cert : undefined)).rejects.toMatchObject({
      code,
    });
    expect(replica.log).toHaveLength(0);
  });

  it('breaks the connection where a fault resets it', async () => {
    const tls = selfSigned({ names: ['127.0.0.1'] });
    const replica = await testReplica({ tls, faults: { rules: [{ fault: 'reset' }] } });
    await expect(get(archiveUrls(replica).front, tls.cert)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('a replica without one', () => {
  it('fails whoever asks it by https', async () => {
    const replica = await testReplica();
    const { front } = archiveUrls(replica);
    await expect(get(front.replace('http:', 'https:'))).rejects.toMatchObject({ code: 'EPROTO' });
  });
});
