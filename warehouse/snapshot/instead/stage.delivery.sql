-- Which run, by which program, read each delivery last. A commit reads a source's deliveries in the order of their receipt, from
-- one to another (warehouse/commits.py); what was read again later was read by the later one.
CREATE OR REPLACE TEMP VIEW instead_delivery AS
WITH reader AS (
    SELECT d.source_id, d.ingested_at, d.delivery_sha256, max(c.lake_state_number) AS lake_state_number
    FROM stage.delivery AS d
    JOIN lake_commit AS c ON c.source_id = d.source_id
    WHERE (d.ingested_at, d.delivery_sha256) <= (c.until_at, c.until_sha256)
        AND (c.after_at IS NULL OR (d.ingested_at, d.delivery_sha256) > (c.after_at, c.after_sha256))
    GROUP BY ALL
)
SELECT d.*, r.lake_state_number, c.run_id AS read_run_id, c.code_version
FROM stage.delivery AS d
LEFT JOIN reader AS r ON r.source_id = d.source_id AND r.ingested_at = d.ingested_at
    AND r.delivery_sha256 = d.delivery_sha256
LEFT JOIN lake_commit AS c ON c.lake_state_number = r.lake_state_number;
