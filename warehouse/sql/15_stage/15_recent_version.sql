-- The versions that came since the last picture (the last 24 hours where there was none): a night's, not the history's.
CREATE OR REPLACE VIEW stage.recent_version AS
SELECT v.* FROM landed.recent_report_version AS v, config.moment AS m
WHERE v.ingested_at > coalesce(m.previous_moment_at, m.moment_at - INTERVAL 24 HOURS) AND v.ingested_at <= m.moment_at;
COMMENT ON VIEW stage.recent_version IS 'One row per report version that came since the last picture.';
