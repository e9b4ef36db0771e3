-- Narcotics, drunkenness and traffic are found by looking: more patrols, more found. So the number of rounds, checks
-- and alarm calls of the same seven days stands beside them, with what the same sources usually do.
CREATE OR REPLACE TABLE core.dose AS
WITH counted AS (
    SELECT r.source_id, r.area_key,
        coalesce(sum(r.report_count) FILTER (WHERE r.period = 0), 0) AS x0,
        coalesce(sum(r.report_count) FILTER (
            WHERE r.period BETWEEN 1 AND config.threshold_of('baseline_weeks')), 0) AS base,
        coalesce(sum(r.report_count) FILTER (
            WHERE r.period BETWEEN 1 AND config.threshold_of('short_baseline_periods')), 0) AS short
    FROM core.report_day AS r
    WHERE r.counts_as = 'activity' AND r.is_ours AND r.is_trend_source AND r.period IS NOT NULL
    GROUP BY r.source_id, r.area_key
)
SELECT
    CASE WHEN grouping(c.area_key) = 1 THEN '*' ELSE c.area_key END AS area_key,
    sum(c.x0)::INTEGER AS activity_7d_count,
    CASE
        WHEN bool_and(h.history = 'full')
            THEN sum((c.base * h.exposure_0 / nullif(h.base_exposure, 0))::DECIMAL(18, 9))::DOUBLE
        WHEN bool_and(h.history <> 'new')
            THEN sum((c.short * h.exposure_0 / nullif(h.short_exposure, 0))::DECIMAL(18, 9))::DOUBLE
    END AS activity_expected
FROM counted AS c JOIN core.source_history AS h ON h.source_id = c.source_id
GROUP BY GROUPING SETS ((c.area_key), ());
ALTER TABLE core.dose ADD PRIMARY KEY (area_key);
COMMENT ON TABLE core.dose IS 'One row per area (and * for all): police and guard activity in the last seven days.';
