/** Whom every export and message credits for the images. */
export const CREDIT = 'NASA/GSFC/Arizona State University';
