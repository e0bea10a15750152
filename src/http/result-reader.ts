import type {
  CoverageQuestion,
  CoverageResult,
  DetectionMark,
  DetectionQuestion,
  DetectionResult,
  FeatureQuestion,
  FeatureResult,
  OutlinedDetection,
  Picture,
} from '../domain/results.js';
import type { ReviewDesk } from './review-desk.js';

/** What the API and the page ask of the results; current scans of the active model only; and where reviews go. */
export interface ResultReader {
  /** Changes whenever detections or coverage may have changed; cheap, as every open page asks it again and again. */
  revision(): Promise<string>;
  /** The highest score first, then by id; or in the learned order. */
  detections(question: DetectionQuestion): Promise<DetectionResult[]>;
  detection(id: number): Promise<OutlinedDetection | null>;
  /** Places of the highest scores. */
  marks(question: Omit<DetectionQuestion, 'after' | 'order'>): Promise<DetectionMark[]>;
  /** PNG bytes; null where the detection or its picture is not kept. */
  picture(id: number, picture: Picture): Promise<Uint8Array | null>;
  /** The largest first. */
  features(question: FeatureQuestion): Promise<FeatureResult[]>;
  /** The latest scan first. */
  coverage(question: CoverageQuestion): Promise<CoverageResult[]>;
  readonly reviews: ReviewDesk;
}
