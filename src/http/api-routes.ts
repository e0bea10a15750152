import type { z } from 'zod';
import {
  coverageCollection,
  detectionCollection,
  detectionDetail,
  featureCollection,
  markList,
  reviewStanding,
  reviewState,
  revision,
} from './contract.js';
import {
  coverageQuery,
  detectionPath,
  detectionQuery,
  featureQuery,
  markQuery,
  noQuery,
  pictureQuery,
  progressQuery,
  projectQuery,
  reviewBody,
  withdrawQuery,
} from './parameters.js';

/** What a route takes and gives; `answer` null = bytes of `media`, which else is GeoJSON where none is named. */
export interface ApiRoute {
  readonly path: string;
  /** GET where none is named. */
  readonly method?: 'post' | 'delete';
  readonly summary: string;
  readonly query: z.ZodObject;
  readonly parameters?: z.ZodObject;
  readonly body?: z.ZodType;
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
    media: 'application/json',
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
  {
    path: '/api/detections/{id}/review',
    method: 'post',
    summary: 'Keeps what a person says of a detection, in place of what this person said before',
    query: noQuery,
    parameters: detectionPath,
    body: reviewBody,
    answer: reviewState,
    media: 'application/json',
  },
  {
    path: '/api/detections/{id}/review',
    method: 'delete',
    summary: 'Takes back what a person said of a detection',
    query: withdrawQuery,
    parameters: detectionPath,
    answer: reviewState,
    media: 'application/json',
  },
  {
    path: '/api/review/progress',
    summary: 'How far the reviewing has come, what it gained so far, and what order it teaches',
    query: progressQuery,
    answer: reviewStanding,
    media: 'application/json',
  },
  {
    path: '/api/marks',
    summary: 'Places of detections for a map, the highest score first',
    query: markQuery,
    answer: markList,
    media: 'application/json',
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
