-- Every report as it was known at an earlier moment, withdrawn ones told by change_kind 'withdrawn':
--     FROM core.as_of('2025-10-24 06:00:00+02') WHERE change_kind <> 'withdrawn'
-- A version counts when it had come by then and the next one of its report had not. This database knows nothing later
-- than its own moment, so a later one is refused and not answered with what was known before it.
CREATE OR REPLACE MACRO core.as_of(moment) AS TABLE
SELECT v.* EXCLUDE (is_current)
FROM core.report_version AS v
WHERE v.ingested_at <= moment::TIMESTAMPTZ
    AND NOT EXISTS (
        SELECT 1 FROM core.report_version AS newer
        WHERE newer.report_id = v.report_id AND newer.version - 1 = v.version
            AND newer.ingested_at <= moment::TIMESTAMPTZ
    )
    AND CASE WHEN moment::TIMESTAMPTZ > (SELECT moment_at FROM config.moment)
        THEN error('as_of: this database was built for an earlier moment; build a newer picture') ELSE TRUE END;
