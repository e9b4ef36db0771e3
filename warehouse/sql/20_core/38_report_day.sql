-- The year in numbers: how much of what each source told of each local day of the calendar. Every count that is held
-- against a year is a sum of these, so that no morning needs a year of reports row by row.
CREATE OR REPLACE VIEW core.report_day AS
SELECT s.source_id, s.local_day, d.days_ago, d.period, coalesce(a.area_id, '-') AS area_key, s.category, s.counts_as,
    s.severity_default::INTEGER AS severity, f.is_trend_source,
    stage.is_ours(f.is_trend_source, s.municipality_code, k.municipality_code) AS is_ours, s.report_count
FROM stage.day_sum AS s
JOIN core.local_day AS d ON d.local_day = s.local_day
CROSS JOIN config.municipality AS k
LEFT JOIN config.area AS a ON a.area_id = s.area_id
LEFT JOIN config.feed AS f ON f.source_id = s.source_id;
COMMENT ON VIEW core.report_day IS
    'One row per source, local day, category, kind, severity, area and municipality, and per file of the lake.';
