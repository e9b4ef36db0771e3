-- The versions that came since the last picture (the last 24 hours where there was none): a night's, not the history's.
-- A table and no view: it is asked five times over, and the files it is found in may hold a year.
CREATE OR REPLACE TABLE stage.recent_version AS
SELECT v.report_id, v.version, v.change_kind, v.first_seen_at, v.dq_flags, v.tlp
FROM landed.recent_report_version AS v, config.moment AS m
WHERE v.ingested_at > coalesce(m.previous_moment_at, m.moment_at - INTERVAL 24 HOURS) AND v.ingested_at <= m.moment_at;
ALTER TABLE stage.recent_version ADD PRIMARY KEY (report_id, version);
COMMENT ON TABLE stage.recent_version IS 'One row per report version that came since the last picture.';
