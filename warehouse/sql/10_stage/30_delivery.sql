-- Deliveries read by the moment, with the local day they came: the base of "who was heard, and when".
CREATE OR REPLACE TABLE stage.delivery AS
SELECT d.*, (d.ingested_at AT TIME ZONE m.timezone)::DATE AS received_day
FROM landed.delivery AS d, config.moment AS m
WHERE d.ingested_at <= m.moment_at;
ALTER TABLE stage.delivery ADD PRIMARY KEY (source_id, ingested_at, delivery_sha256);
COMMENT ON TABLE stage.delivery IS 'One row per delivery read by the moment.';
