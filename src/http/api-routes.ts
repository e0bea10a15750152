import type { z } from 'zod';
import {
  coverageCollection,
  detectionCollection,
  detectionDetail,
  featureCollection,
  revision,
} from './contract.js';
import {
  coverageQuery,
  detectionPath,
  detectionQuery,
  featureQuery,
  noQuery,
  pictureQuery,
  projectQuery,
} from './parameters.js';

/** What a route takes and gives; `answer` null = bytes of `media`. */
export interface ApiRoute {
  readonly path: string;
  readonly summary: string;
  readonly query: z.ZodObject;
  readonly parameters?: z.ZodObject;
  readonly answer: z.ZodType | null;
  readonly media?: string;
}

const picture = (name: string, summary: string) => ({
  path: `/api/detections/{id}/${name}.png`,
  summary,
  query: pictureQuery,
  parameters: detectionPath,
  answer: null,
  media: 'image/png',
});

/** The API in one table: the OpenAPI document is made from it. */
export const API_ROUTES: readonly ApiRoute[] = [
  {
    path: '/api/revision',
    summary: 'A word that changes when there are new results',
    query: noQuery,
    answer: revision,
  },
  {
    path: '/api/detections',
    summary: 'Detections, the highest score first',
    query: detectionQuery,
    answer: detectionCollection,
  },
  {
    path: '/api/detections/{id}',
    summary: 'One detection with its outline',
    query: noQuery,
    parameters: detectionPath,
    answer: detectionDetail,
  },
  picture('chip', 'The tile'),
  picture('reconstruction', 'What the model makes of the tile'),
  picture('error', 'Where tile and reconstruction differ'),
  picture('context', 'The surroundings with a box around the tile'),
  {
    path: '/api/features',
    summary: 'Named features of the Moon (IAU/USGS gazetteer), the largest first',
    query: featureQuery,
    answer: featureCollection,
  },
  {
    path: '/api/coverage',
    summary: 'Ground that was looked at, the latest scan first',
    query: coverageQuery,
    answer: coverageCollection,
  },
  {
    path: '/project.qgz',
    summary: 'Project for QGIS 3.22 and later',
    query: projectQuery,
    answer: null,
    media: 'application/x-qgis-project',
  },
];
