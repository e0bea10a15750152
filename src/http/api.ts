import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { imageIdOf, isNacProductId } from '../domain/image-id.js';
import { PICTURES } from '../domain/results.js';
import { coverageGeoJson, detectionGeoJson, detectionsGeoJson, featuresGeoJson } from './geojson.js';
import { openApiDocument } from './openapi.js';
import {
  coverageQuery,
  detectionPath,
  detectionQuery,
  featureQuery,
  noQuery,
  pictureQuery,
  readParameters,
} from './parameters.js';
import { remember } from './remember.js';
import type { ResultReader } from './result-reader.js';

const GEOJSON = 'application/geo+json; charset=utf-8';
/** How long all pages share one look at the revision. */
const REVISION_MS = 500;

/** The API of the results (design of the routes: `API_ROUTES`). */
export function serveApi(app: FastifyInstance, results: ResultReader): void {
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
    const rows = await results.detections({
      bbox: query.bbox,
      since: query.since,
      until: query.until,
      minScore: query.min_score,
      imageId: query.product === undefined ? undefined : imageOf(query.product),
      siteId: query.site,
      known: query.known === undefined ? undefined : query.known === 'yes',
      after: query.cursor,
      limit: query.limit + 1,
    });
    return conditional(request, reply, JSON.stringify(detectionsGeoJson(rows, query.limit)), GEOJSON);
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

/** EDR and CDR of one frame are one image; either id, or the image's own, finds it. */
function imageOf(id: string): string {
  return isNacProductId(id) ? imageIdOf(id) : id;
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
