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

CREATE TABLE selenoscan_data.fetch_waiter (
  host text NOT NULL,
  waiter text NOT NULL,
  since timestamptz NOT NULL,
  -- Who does not ask again until then has left.
  until timestamptz NOT NULL,
  PRIMARY KEY (host, waiter)
);
COMMENT ON TABLE selenoscan_data.fetch_waiter IS
  'Processes that wait for a connection to an archive host, so that the first to come is the first to be served.';

-- Leave to ask a host. One call per try; calls for one host follow one another. `answer` is
--   granted: slot_token is the connection's, for lease_s seconds unless renewed;
--   open: the host's circuit is open for wait_s more;
--   pause: no request may start for wait_s more;
--   busy: all connections are taken, or the free ones are for the `ahead` others who came before.
-- A host whose circuit is half-open (open_for_s is zero, not null) has one connection.
-- Who is told to wait for no longer than patience_s stands in line from then on.
CREATE FUNCTION selenoscan_data.acquire_fetch_slot(
  of_host text, of_holder text, of_waiter text, connections integer,
  spacing_s double precision, lease_s double precision, patience_s double precision,
  OUT answer text, OUT slot_token uuid, OUT wait_s double precision, OUT ahead integer,
  OUT open_for_s double precision, OUT failed integer, OUT reason text
) LANGUAGE plpgsql AS $$
DECLARE
  it selenoscan_data.archive_host;
  moment timestamptz;
  came timestamptz;
  free integer;
  slot_number integer;
BEGIN
  INSERT INTO selenoscan_data.archive_host (host) VALUES (of_host) ON CONFLICT DO NOTHING;
  SELECT h.* INTO it FROM selenoscan_data.archive_host h WHERE h.host = of_host FOR UPDATE;
  moment := clock_timestamp();
  open_for_s := greatest(extract(epoch FROM it.open_until - moment), CASE WHEN it.open_until IS NOT NULL THEN 0 END);
  failed := it.failures;
  reason := it.last_error;
  wait_s := greatest(extract(epoch FROM it.next_request_at - moment), 0);
  ahead := 0;
  IF open_for_s > 0 THEN
    answer := 'open';
    wait_s := greatest(wait_s, open_for_s);
    RETURN;
  END IF;
  SELECT min(n), CASE WHEN open_for_s IS NULL THEN connections ELSE 1 END - (connections - count(*))
    INTO slot_number, free
    FROM generate_series(1, connections) n
    WHERE NOT EXISTS (SELECT FROM selenoscan_data.fetch_slot s
      WHERE s.host = of_host AND s.number = n AND s.token IS NOT NULL AND s.available_at > moment);
  SELECT w.since INTO came FROM selenoscan_data.fetch_waiter w
    WHERE w.host = of_host AND w.waiter = of_waiter AND w.until > moment;
  SELECT count(*) INTO ahead FROM selenoscan_data.fetch_waiter w
    WHERE w.host = of_host AND w.waiter <> of_waiter AND w.until > moment
      AND (w.since, w.waiter) < (coalesce(came, moment), of_waiter);
  IF wait_s = 0 AND free > ahead THEN
    INSERT INTO selenoscan_data.fetch_slot AS s (host, number, token, holder, available_at)
      VALUES (of_host, slot_number, gen_random_uuid(), of_holder, moment + make_interval(secs => lease_s))
      ON CONFLICT (host, number) DO UPDATE
      SET token = EXCLUDED.token, holder = EXCLUDED.holder, available_at = EXCLUDED.available_at
      RETURNING s.token INTO slot_token;
    UPDATE selenoscan_data.archive_host h
      SET next_request_at = moment + make_interval(secs => spacing_s), updated_at = moment
      WHERE h.host = of_host;
    DELETE FROM selenoscan_data.fetch_waiter w
      WHERE w.host = of_host AND (w.waiter = of_waiter OR w.until <= moment);
    answer := 'granted';
    RETURN;
  END IF;
  answer := CASE WHEN wait_s > 0 THEN 'pause' ELSE 'busy' END;
  IF wait_s <= patience_s THEN
    INSERT INTO selenoscan_data.fetch_waiter AS w (host, waiter, since, until)
      VALUES (of_host, of_waiter, moment, moment + make_interval(secs => wait_s + 3))
      ON CONFLICT (host, waiter) DO UPDATE SET since = coalesce(came, moment), until = EXCLUDED.until;
  END IF;
END $$;

-- Gives a connection back, and judges the host by how the request ended (ok, failed, pause, none), as
-- src/archive/circuit.ts does. `pause_s` is the pause that the host asked for, null where it did not say how long.
CREATE FUNCTION selenoscan_data.release_fetch_slot(
  of_host text, of_token uuid, outcome text, error text, pause_s double precision, spacing_s double precision,
  breaker_failures integer, breaker_s double precision,
  OUT was_held boolean, OUT open_for_s double precision
) LANGUAGE plpgsql AS $$
DECLARE
  it selenoscan_data.archive_host;
  moment timestamptz;
BEGIN
  SELECT h.* INTO it FROM selenoscan_data.archive_host h WHERE h.host = of_host FOR UPDATE;
  moment := clock_timestamp();
  UPDATE selenoscan_data.fetch_slot s SET token = NULL, holder = NULL, available_at = moment
    WHERE s.host = of_host AND s.token = of_token;
  was_held := FOUND;
  IF outcome = 'ok' THEN
    it.failures := 0;
    it.open_until := NULL;
    it.openings := 0;
    it.last_error := NULL;
  ELSIF outcome IN ('failed', 'pause') AND NOT coalesce(it.open_until > moment, false) THEN
    it.failures := it.failures + 1;
    it.last_error := error;
    IF it.open_until IS NOT NULL OR it.failures >= breaker_failures THEN
      it.open_until := moment + make_interval(secs => least(86400, breaker_s * power(2, least(it.openings, 30))));
      it.openings := it.openings + 1;
    END IF;
  END IF;
  IF outcome = 'pause' THEN
    pause_s := coalesce(pause_s, least(3600, 10 * power(2, least(greatest(it.failures - 1, 0), 20))));
  ELSE
    pause_s := 0;
  END IF;
  UPDATE selenoscan_data.archive_host h
    SET failures = it.failures, open_until = it.open_until, openings = it.openings, last_error = it.last_error,
      next_request_at = greatest(h.next_request_at, moment + make_interval(secs => greatest(spacing_s, pause_s))),
      updated_at = moment
    WHERE h.host = of_host;
  open_for_s := greatest(extract(epoch FROM it.open_until - moment), CASE WHEN it.open_until IS NOT NULL THEN 0 END);
END $$;
