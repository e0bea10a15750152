import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { BadParameterError } from './parameters.js';

const LANES = ['live', 'backfill'] as const;
type Lane = (typeof LANES)[number];

/** What an operator may change while the daemon runs. */
export interface Controls {
  /** Of the whole deployment, kept in its database. */
  readonly lanes: {
    pause(lanes: readonly Lane[], reason: string): Promise<void>;
    resume(lanes: readonly Lane[]): Promise<readonly Lane[]>;
  };
  /** Of this process. */
  readonly log: { readonly levels: readonly string[]; level(): string; set(level: string): void };
}

const pauseBody = z.strictObject({
  lane: z.enum(LANES).optional(),
  reason: z.string().max(500).optional(),
});
const resumeBody = z.strictObject({ lane: z.enum(LANES).optional() });

/**
 * `POST /api/pause`, `POST /api/resume`, and the level of this process's log at `/api/log`. Bodies are JSON objects, which
 * a form of another site cannot send.
 */
export function serveControls(app: FastifyInstance, { lanes, log }: Controls): void {
  app.post('/api/pause', async (request) => {
    const { lane, reason = '' } = readBody(pauseBody, request.body);
    const paused = lane === undefined ? LANES : [lane];
    await lanes.pause(paused, reason);
    return { paused };
  });
  app.post('/api/resume', async (request) => {
    const { lane } = readBody(resumeBody, request.body);
    return { resumed: await lanes.resume(lane === undefined ? LANES : [lane]) };
  });
  app.get('/api/log', () => ({ level: log.level(), levels: log.levels }));
  app.put('/api/log', (request, reply: FastifyReply) => {
    const { level } = readBody(z.strictObject({ level: z.enum(log.levels) }), request.body);
    log.set(level);
    return reply.send({ level: log.level() });
  });
}

/** @throws BadParameterError naming the first fault */
function readBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const read = schema.safeParse(body ?? {});
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const place = issue?.path.join('.') ?? '';
  throw new BadParameterError(`${place === '' ? 'The body' : place}: ${issue?.message ?? 'is wrong'}.`);
}
