-- The reports a morning's picture is made of: those that happened within the calendar, and those heard of within it
-- or since the last picture. They are chosen by four narrow columns of the whole lake, exactly; then only the part of
-- the lake received since the oldest of them is read in full (what was received before is skipped by Parquet's own
-- statistics). So the cost follows the thirteen months, not the history.
CREATE OR REPLACE TEMP TABLE recent_version AS
WITH bound AS (
    SELECT least(min(d.day_from), any_value(coalesce(m.previous_moment_at, m.moment_at))) AS recent_from
    FROM core.local_day AS d, config.moment AS m
)
SELECT v.report_id, v.version, v.ingested_at
FROM stage.known_version AS v
ANTI JOIN (SELECT report_id, version - 1 AS version FROM stage.known_version WHERE version > 1) AS newer
    ON newer.report_id = v.report_id AND newer.version = v.version
CROSS JOIN bound AS b
WHERE v.change_kind <> 'withdrawn'
    AND (v.ingested_at >= b.recent_from OR v.occurred_from >= b.recent_from
        OR v.reported_at >= b.recent_from OR v.published_at >= b.recent_from);
SET VARIABLE recent_from = (SELECT min(ingested_at) FROM recent_version);
CREATE OR REPLACE TABLE core.recent_report AS
SELECT r.* FROM core.report AS r
SEMI JOIN recent_version AS v ON v.report_id = r.report_id AND v.version = r.version
WHERE r.ingested_at >= getvariable('recent_from');
DROP TABLE recent_version;
ALTER TABLE core.recent_report ADD PRIMARY KEY (report_id);
COMMENT ON TABLE core.recent_report IS
    'One row per report that stands at the moment and happened, or was heard of, since the calendar began.';
