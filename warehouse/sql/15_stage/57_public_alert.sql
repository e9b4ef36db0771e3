-- The messages of VMA as they were known at the moment: each one's newest version then. One that its source no more tells
-- stands here still, marked withdrawn: what it took back, it took back for good.
CREATE OR REPLACE VIEW stage.public_alert AS
SELECT v.* FROM landed.public_alert AS v, config.moment AS m
WHERE v.ingested_at <= m.moment_at
    AND NOT EXISTS (
        SELECT 1 FROM landed.public_alert AS newer
        WHERE newer.entry_id = v.entry_id AND newer.version - 1 = v.version AND newer.ingested_at <= m.moment_at
    );
COMMENT ON VIEW stage.public_alert IS 'One row per message of VMA that was known at the moment.';
