import { detectionId } from '../domain/detection-id.js';
import type { Detection, Place, PixelDetection } from '../domain/detection.js';
import type { GroundModel, LonLat } from '../domain/geometry.js';
import { sunAzimuthDeg } from '../geo/sphere.js';

/** A ground model with the light it is seen in. */
export interface Ground {
  readonly model: GroundModel;
  /** Null where it is unknown. */
  readonly subSolar: LonLat | null;
}

/** Gives detections their lasting ids and, where there is geometry, their places on the Moon. */
export function placeDetections(
  found: readonly PixelDetection[],
  image: { readonly imageId: string; readonly modelId: string },
  ground: Ground | null,
): Detection[] {
  return found.map((detection) => ({
    ...detection,
    detectionId: detectionId(image.imageId, image.modelId, detection.tileX, detection.tileY),
    place: ground === null ? null : placeOf(detection, ground),
  }));
}

function placeOf(detection: PixelDetection, { model, subSolar }: Ground): Place {
  const { acrossM, alongM } = model.pixelSize(detection.peak);
  const widthM = detection.widthPx * acrossM;
  const heightM = detection.heightPx * alongM;
  const point = model.locate(detection.peak, Math.max(widthM, heightM));
  return {
    ...point,
    widthM,
    heightM,
    sunAzimuthDeg: subSolar === null ? null : sunAzimuthDeg(point, subSolar),
    outline: model.polygon(detection.outline),
  };
}
