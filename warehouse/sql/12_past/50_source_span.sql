-- When each source had been first and last heard by then, in all years.
CREATE OR REPLACE VIEW stage.source_span AS
SELECT d.source_id, min(d.ingested_at) AS first_accepted_at, max(d.ingested_at) AS last_accepted_at
FROM landed.delivery AS d, config.moment AS m
WHERE d.ingested_at <= m.moment_at AND d.disposition = 'accepted'
GROUP BY d.source_id;
COMMENT ON VIEW stage.source_span IS 'One row per source of which a delivery was ever accepted.';
