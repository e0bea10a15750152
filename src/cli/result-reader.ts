import type { ResultReader } from '../http/result-reader.js';
import type { Database } from '../store/database.js';
import { findCoverage } from '../store/queries/find-coverage.js';
import { findDetection, findDetections } from '../store/queries/find-detections.js';
import { findFeatures } from '../store/queries/find-features.js';
import { findMarks } from '../store/queries/find-marks.js';
import { readPicture } from '../store/queries/read-picture.js';
import { resultsRevision } from '../store/queries/results-revision.js';
import { createReviewDesk } from './review-desk.js';

/** What the page and its API read and write, in a database. */
export function createResultReader(db: Database): ResultReader {
  return {
    revision: () => resultsRevision(db),
    detections: (question) => findDetections(db, question),
    detection: (id) => findDetection(db, id),
    marks: (question) => findMarks(db, question),
    picture: (id, picture) => readPicture(db, id, picture),
    features: (question) => findFeatures(db, question),
    coverage: (question) => findCoverage(db, question),
    reviews: createReviewDesk(db),
  };
}
