import { z } from 'zod';
import { integer, key } from '../key.js';

/** The server of the review page and of the API. */
export const http = z.strictObject({
  host: key(z.string().default('127.0.0.1'), { description: 'Address to listen on.' }),
  port: key(integer(0, 65_535, 8080), { description: 'Port to listen on; 0 = any free one.' }),
  token: key(z.string().default(''), {
    description: 'Bearer token that requests must carry; needed to listen on anything but the loopback.',
    secret: true,
  }),
  rate: key(integer(0, 10_000_000, 6000), {
    description:
      'Requests that one client, told by its address, may make in a minute; more are answered by 429. Behind a proxy all are one client. 0 = no limit.',
    unit: 'requests/min',
  }),
  url: key(z.string().default(''), {
    description:
      'Address under which people reach the page, for links to it; requests that name its host are answered, too. Empty = the one listened on.',
  }),
  link_secret: key(z.string().default(''), {
    description:
      'Secret that signs links to the pictures of detections in alerts and map tips, which need no token; another one makes all earlier links invalid. Empty = one drawn by chance and kept in the database.',
    secret: true,
  }),
});
