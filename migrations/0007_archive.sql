-- The archive as it is: products whose size only the image tells, hosts that are left alone, several connections.

-- ODE does not tell an image's size, and a file beside an image need not.
ALTER TABLE selenoscan_data.product ALTER COLUMN lines DROP NOT NULL, ALTER COLUMN samples DROP NOT NULL;

ALTER TABLE selenoscan_data.scan ADD COLUMN source_bytes bigint;
COMMENT ON COLUMN selenoscan_data.scan.source_bytes IS 'Size of the file that was scanned.';

DROP TABLE selenoscan_data.fetch_slot;
CREATE TABLE selenoscan_data.fetch_slot (
  host text NOT NULL,
  -- 1..archive.connections.
  number integer NOT NULL CHECK (number >= 1),
  token uuid,
  holder text,
  available_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (host, number)
);
COMMENT ON TABLE selenoscan_data.fetch_slot IS
  'Connections to archive hosts for the whole deployment: whoever holds the token of one may ask until available_at.';

CREATE TABLE selenoscan_data.archive_host (
  host text PRIMARY KEY,
  -- No request starts before.
  next_request_at timestamptz NOT NULL DEFAULT now(),
  -- Requests that failed one after the other.
  failures integer NOT NULL DEFAULT 0,
  -- Nobody asks the host before; null while its circuit is closed.
  open_until timestamptz,
  -- How often the circuit opened without a success in between.
  openings integer NOT NULL DEFAULT 0,
  last_error text,
  updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE selenoscan_data.archive_host IS
  'Politeness towards each archive host, shared by the deployment: when the next request may start, and the state of its circuit breaker.';
