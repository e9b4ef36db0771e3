-- What was known when, and where a row comes from.
CREATE OR REPLACE MACRO core.as_of(moment) AS TABLE
    SELECT v.* EXCLUDE (is_current)
    FROM core.report_version AS v
    ANTI JOIN (
        SELECT report_id, version - 1 AS version FROM core.report_version
        WHERE version > 1 AND ingested_at <= moment::TIMESTAMPTZ
    ) AS newer ON newer.report_id = v.report_id AND newer.version = v.version
    WHERE v.ingested_at <= moment::TIMESTAMPTZ
        AND CASE WHEN moment::TIMESTAMPTZ > (SELECT moment_at FROM reference.moment)
            THEN error('as_of: this snapshot was made for an earlier moment; make a newer picture') ELSE TRUE END;
COMMENT ON MACRO TABLE core.as_of IS
    'One row per report as it was known at the moment; withdrawn ones have change_kind withdrawn. Write the moment with its offset.';
CREATE OR REPLACE MACRO core.changed_since(moment) AS TABLE
    SELECT report_id, any_value(source_id) AS source_id,
        CASE WHEN arg_max(change_kind, version) = 'withdrawn' THEN 'withdrawn' WHEN min(version) = 1 THEN 'new'
            ELSE arg_max(change_kind, version) END AS change_kind,
        min(version) > 1 AS was_known, arg_max(category, version) AS category, max(ingested_at) AS ingested_at
    FROM core.report_version WHERE ingested_at > moment::TIMESTAMPTZ
    GROUP BY report_id;
COMMENT ON MACRO TABLE core.changed_since IS 'One row per report that came, changed, went or returned after the moment.';
CREATE OR REPLACE MACRO core.lineage(wanted) AS TABLE
    SELECT v.report_id, v.version, v.change_kind, v.changed_fields, v.source_id, v.ingested_at, v.delivery_sha256,
        v.record_number, v.run_id, d.read_run_id, d.code_version
    FROM core.report_version AS v
    LEFT JOIN quality.delivery AS d ON d.source_id = v.source_id AND d.ingested_at = v.ingested_at
        AND d.delivery_sha256 = v.delivery_sha256
    WHERE v.report_id = wanted
    ORDER BY v.version;
COMMENT ON MACRO TABLE core.lineage IS
    'One row per version of the report: the delivery it came in, the run that landed it, the run and the program that read it.';
CREATE OR REPLACE VIEW quality.latency AS
SELECT report_id, source_id, local_day,
    round(epoch(first_seen_at - event_at) / 3600, 2)::DOUBLE AS latency_hours
FROM core.report WHERE is_time_known AND first_seen_at >= event_at;
COMMENT ON VIEW quality.latency IS 'One row per report whose hour is known: how long it took to reach us.';
