import { z } from 'zod';
import { API_ROUTES, type ApiRoute } from './api-routes.js';
import { problem } from './contract.js';

/** The OpenAPI 3.1 document of the API, made from the schemas that check its parameters. */
export function openApiDocument(): unknown {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of API_ROUTES) (paths[route.path] ??= {})[route.method ?? 'get'] = operation(route);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Selenoscan',
      version: '1',
      description: 'Anomalies on the Moon. Coordinates are IAU_2015:30100: degrees on a sphere of 1737.4 km.',
    },
    paths: {
      ...paths,
      '/api/status': {
        get: {
          summary: 'How the work stands',
          responses: { 200: { description: 'Queue, rates and errors' } },
        },
      },
    },
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    security: [{}, { token: [] }],
  };
}

function operation(route: ApiRoute): unknown {
  const parameters = [
    ...(route.parameters === undefined ? [] : listed(route.parameters, 'path')),
    ...listed(route.query, 'query'),
  ];
  const content =
    route.answer === null
      ? { [route.media ?? 'application/octet-stream']: {} }
      : { [route.media ?? 'application/geo+json']: { schema: schemaOf(route.answer) } };
  const refusal = (description: string) => ({
    description,
    content: { 'application/json': { schema: schemaOf(problem) } },
  });
  return {
    summary: route.summary,
    parameters,
    ...(route.body === undefined
      ? {}
      : {
          requestBody: { required: true, content: { 'application/json': { schema: schemaOf(route.body) } } },
        }),
    responses: {
      200: { description: route.summary, content },
      400: refusal('A parameter is wrong'),
      ...(route.parameters === undefined ? {} : { 404: refusal('There is no such detection') }),
      ...(route.method === undefined
        ? {}
        : {
            403: refusal('It comes from a web page elsewhere'),
            ...(route.body === undefined ? {} : { 415: refusal('It is not JSON') }),
            429: refusal('Too many at once; Retry-After says when to go on'),
          }),
    },
  };
}

function listed(schema: z.ZodObject, place: 'path' | 'query'): unknown[] {
  const { properties = {}, required = [] } = schemaOf(schema) as {
    properties?: Record<string, Record<string, unknown>>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }));
}

function schemaOf(schema: z.ZodType): Record<string, unknown> {
  const entries = Object.entries(z.toJSONSchema(schema, { io: 'input' }));
  return Object.fromEntries(entries.filter(([key]) => key !== '$schema'));
}
