-- What was known at the moment: only versions we had by then, and which of them was the newest by then.
-- The filter stands here once; nothing below reads landed.report_version. A version is current when no newer one
-- of the same report was known: an anti-join costs a fortieth of numbering every row again. (Filtering by time of
-- occurrence before choosing the version would be wrong: an edit may move that time.)
CREATE OR REPLACE VIEW stage.report_version AS
WITH known AS (
    SELECT v.* FROM landed.report_version AS v, config.moment AS m WHERE v.ingested_at <= m.moment_at
)
SELECT
    known.*,
    NOT EXISTS (
        SELECT 1 FROM known AS newer
        WHERE newer.report_id = known.report_id AND newer.version > known.version
    ) AS is_current
FROM known;
COMMENT ON VIEW stage.report_version IS 'One row per report version known at the moment.';
