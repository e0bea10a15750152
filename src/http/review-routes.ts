import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { filterOf } from './filter-of.js';
import { reviewStateJson } from './geojson.js';
import { detectionPath, progressQuery, readParameters, reviewBody, withdrawQuery } from './parameters.js';
import { RateLimiter } from './rate-limit.js';
import type { ReviewDesk } from './review-desk.js';
import { isSameOrigin } from './same-origin.js';

/** Reviews of one address: a room of people behind one proxy, and no flood. */
const LIMIT = { perSecond: 20, burst: 100 };
/** A note of the greatest length in any script. */
const MOST_BYTES = 16_384;

/** Where reviews are kept, taken back and counted. */
export function serveReviews(app: FastifyInstance, desk: ReviewDesk, url: string): void {
  const limiter = new RateLimiter(LIMIT);
  const guard = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (!isSameOrigin(request, url)) {
      await reply.code(403).send({ error: 'Reviews are taken from this server’s own page only.' });
      return;
    }
    const seconds = limiter.take(request.ip);
    if (seconds > 0)
      await reply
        .code(429)
        .header('retry-after', String(Math.ceil(seconds)))
        .send({ error: 'Too many reviews at once; try again in a moment.' });
  };
  app.addHook('onClose', () => desk.close());

  app.post(
    '/api/detections/:id/review',
    { onRequest: guard, bodyLimit: MOST_BYTES },
    async (request, reply) => {
      if (!/^application\/json\b/.test(request.headers['content-type'] ?? ''))
        return reply.code(415).send({ error: 'Give the review as application/json.' });
      const { id } = readParameters(detectionPath, request.params);
      const review = readParameters(reviewBody, request.body, 'body');
      const state = await desk.write(id, review);
      return state === null
        ? notFound(reply, id)
        : reply.header('cache-control', 'no-store').send(reviewStateJson(state));
    },
  );

  app.delete('/api/detections/:id/review', { onRequest: guard }, async (request, reply) => {
    const { id } = readParameters(detectionPath, request.params);
    const { reviewer } = readParameters(withdrawQuery, request.query);
    const state = await desk.withdraw(id, reviewer);
    return state === null
      ? notFound(reply, id)
      : reply.header('cache-control', 'no-store').send(reviewStateJson(state));
  });

  app.get('/api/review/progress', async (request, reply) => {
    const standing = await desk.standing(filterOf(readParameters(progressQuery, request.query)));
    return reply.header('cache-control', 'no-store').send(standing);
  });
}

function notFound(reply: FastifyReply, id: number): FastifyReply {
  return reply.code(404).send({ error: `There is no detection ${id}.` });
}
