import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PICTURES } from '../domain/results.js';
import { filterOf } from './filter-of.js';
import {
  coverageGeoJson,
  detectionGeoJson,
  detectionsGeoJson,
  featuresGeoJson,
  marksJson,
} from './geojson.js';
import { openApiDocument } from './openapi.js';
import {
  coverageQuery,
  detectionPath,
  detectionQuery,
  featureQuery,
  markQuery,
  noQuery,
  pictureQuery,
  readParameters,
} from './parameters.js';
import { remember } from './remember.js';
import type { ResultReader } from './result-reader.js';
import { serveReviews } from './review-routes.js';

const GEOJSON = 'application/geo+json; charset=utf-8';
/** How long all pages share one look at the revision. */
const REVISION_MS = 500;

/**
 * The API of the results (design of the routes: `API_ROUTES`).
 * @param url address by which people know the server where that is another one; empty = none
 */
export function serveApi(app: FastifyInstance, results: ResultReader, url = ''): void {
  serveReviews(app, results.reviews, url);
  const revision = remember(REVISION_MS, () => results.revision());
  const document = openApiDocument();
  app.get('/api/openapi.json', () => document);

  app.get('/api/revision', async (request, reply) => {
    readParameters(noQuery, request.query);
    return conditional(request, reply, JSON.stringify({ revision: await revision() }), 'application/json');
  });

  app.get('/api/detections', async (request, reply) => {
    const query = readParameters(detectionQuery, request.query);
    // One more than asked for tells whether there is a next page.
    const { cursor: after, order, limit } = query;
    const rows = await results.detections({ ...filterOf(query), after, order, limit: limit + 1 });
    return conditional(request, reply, JSON.stringify(detectionsGeoJson(rows, limit, order)), GEOJSON);
  });

  app.get('/api/marks', async (request, reply) => {
    const query = readParameters(markQuery, request.query);
    const marks = await results.marks({ ...filterOf(query), limit: query.limit });
    return conditional(request, reply, JSON.stringify(marksJson(marks)), 'application/json');
  });

  app.get('/api/detections/:id', async (request, reply) => {
    const { id } = readParameters(detectionPath, request.params);
    readParameters(noQuery, request.query);
    const row = await results.detection(id);
    if (row === null) return notFound(reply, id);
    return conditional(request, reply, JSON.stringify(detectionGeoJson(row)), GEOJSON);
  });

  for (const picture of PICTURES) {
    const name = picture === 'tile' ? 'chip' : picture;
    app.get(`/api/detections/:id/${name}.png`, async (request, reply) => {
      const { id } = readParameters(detectionPath, request.params);
      const { v } = readParameters(pictureQuery, request.query);
      const png = await results.picture(id, picture);
      if (png === null) return notFound(reply, id);
      // A link with a version is a new link when the picture is a new one.
      const keep = v === undefined ? 'private, no-cache' : 'private, max-age=31536000, immutable';
      return conditional(request, reply, Buffer.from(png), 'image/png', keep);
    });
  }

  app.get('/api/features', async (request, reply) => {
    const query = readParameters(featureQuery, request.query);
    const rows = await results.features({
      bbox: query.bbox,
      minDiameterKm: query.min_diameter_km,
      limit: query.limit,
    });
    const keep = 'private, max-age=3600';
    return conditional(request, reply, JSON.stringify(featuresGeoJson(rows)), GEOJSON, keep);
  });

  app.get('/api/coverage', async (request, reply) => {
    const query = readParameters(coverageQuery, request.query);
    const rows = await results.coverage({ bbox: query.bbox, limit: query.limit });
    return conditional(request, reply, JSON.stringify(coverageGeoJson(rows)), GEOJSON);
  });
}

function notFound(reply: FastifyReply, id: number): FastifyReply {
  return reply.code(404).send({ error: `There is no detection ${id}, or its picture is no longer kept.` });
}

/** Sends the body, or 304 where the browser has it. */
function conditional(
  request: FastifyRequest,
  reply: FastifyReply,
  body: string | Buffer,
  type: string,
  keep = 'private, no-cache',
): FastifyReply {
  const etag = `"${createHash('sha1').update(body).digest('base64url')}"`;
  void reply.headers({ etag, 'cache-control': keep });
  if (request.headers['if-none-match'] === etag) return reply.code(304).send();
  return reply.type(type).send(body);
}
