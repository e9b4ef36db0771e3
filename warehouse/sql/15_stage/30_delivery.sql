-- Deliveries of the calendar and the month before it, read by the moment, with the local day they came: the base of
-- "who was heard, and when". What must be known of the years before stands in stage.source_span.
CREATE OR REPLACE TABLE stage.delivery AS
SELECT d.*, (d.ingested_at AT TIME ZONE m.timezone)::DATE AS received_day
FROM landed.recent_delivery AS d, config.moment AS m
WHERE d.ingested_at <= m.moment_at AND d.ingested_at >= m.moment_at - INTERVAL 407 DAYS;
ALTER TABLE stage.delivery ADD PRIMARY KEY (source_id, ingested_at, delivery_sha256);
COMMENT ON TABLE stage.delivery IS 'One row per delivery of the last 407 days read by the moment.';
