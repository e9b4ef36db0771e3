-- What was read since the last snapshot, as it will stand in the new one: asked of the build, with the last snapshot beside it.
-- read_after names the sources read since, and the delivery each had been read up to: a commit reads a source in the order of
-- receipt. The variable is a constant to the planner, so that only the lake's newest row groups are read.
SET VARIABLE fresh_from = (
    SELECT CASE WHEN bool_or(after_at IS NULL) THEN TIMESTAMPTZ '-infinity' ELSE min(after_at) END FROM read_after
);
CREATE OR REPLACE TEMP TABLE fresh_version AS
SELECT v.* EXCLUDE (is_current), v.version = max(v.version) OVER (PARTITION BY v.report_id) AS is_current
FROM core.report_version AS v JOIN read_after AS a ON a.source_id = v.source_id
WHERE v.ingested_at >= getvariable('fresh_from')
    AND (a.after_at IS NULL OR (v.ingested_at, v.delivery_sha256) > (a.after_at, a.after_sha256));
CREATE OR REPLACE TEMP TABLE touched AS
SELECT report_id, min(version) > 1 AS was_known,
    bool_or(is_person_sensitive OR category IN (FROM sensitive_category)) AS is_sensitive
FROM fresh_version GROUP BY report_id;
CREATE OR REPLACE TEMP TABLE known AS SELECT report_id FROM touched WHERE was_known;
CREATE OR REPLACE TEMP TABLE sensitive_before AS
SELECT DISTINCT report_id FROM last.core.report_version
WHERE report_id IN (FROM known) AND (is_person_sensitive OR category IN (FROM sensitive_category));
CREATE OR REPLACE TEMP TABLE sensitive_fresh AS
SELECT report_id FROM touched WHERE is_sensitive UNION FROM sensitive_before;
CREATE OR REPLACE TEMP TABLE fresh_told AS
SELECT * FROM report_standing WHERE ingested_at >= getvariable('fresh_from') AND report_id IN (SELECT report_id FROM touched);
CREATE OR REPLACE TEMP TABLE fresh_version_row AS FROM version_by_week('fresh_version', 'sensitive_fresh');
CREATE OR REPLACE TEMP TABLE fresh_report_row AS FROM report_by_week('fresh_told');
-- What was told to the minute in the last snapshot and may be told by its week alone now: its old bytes would stay in the
-- file's free pages, so such a night makes the file whole.
CREATE OR REPLACE TEMP TABLE turned_sensitive AS
SELECT t.report_id FROM touched AS t ANTI JOIN sensitive_before AS b ON b.report_id = t.report_id
WHERE t.was_known AND t.is_sensitive
UNION SELECT r.report_id FROM last.core.report AS r JOIN fresh_told AS f ON f.report_id = r.report_id
WHERE f.is_person_sensitive AND NOT r.is_person_sensitive;
