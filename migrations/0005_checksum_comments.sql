-- Images that are read by byte ranges carry the checksum that the archive states.

COMMENT ON COLUMN selenoscan.detections.source_checksum IS 'sha256:<hex> of the scanned bytes; md5:<hex> as the archive states it where they were read by ranges, never as a whole.';
COMMENT ON COLUMN selenoscan.coverage.source_checksum IS 'sha256:<hex> of the scanned bytes; md5:<hex> as the archive states it where they were read by ranges, never as a whole.';
