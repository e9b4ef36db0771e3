-- What had reached us by the moment. The filter stands here once; nothing below reads landed.report_version.
-- (Filtering by time of occurrence would be wrong before the newest version is chosen: an edit may move that time.)
CREATE OR REPLACE VIEW stage.known_version AS
SELECT v.* FROM landed.report_version AS v WHERE v.ingested_at <= (SELECT moment_at FROM config.moment);
COMMENT ON VIEW stage.known_version IS 'One row per report version known at the moment.';
