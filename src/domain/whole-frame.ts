/** A NAC image of full length, pixels: as many lines as the camera takes at most. */
export const WHOLE_FRAME = { width: 5064, height: 52_224 } as const;

export const WHOLE_FRAME_PIXELS = WHOLE_FRAME.width * WHOLE_FRAME.height;
