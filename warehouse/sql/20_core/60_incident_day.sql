-- Incidents per day within the calendar, by source: the source is kept because exposure differs from source to
-- source (one is silent on Tuesday, another began in May).
CREATE OR REPLACE TABLE core.incident_day AS
SELECT
    r.source_id, r.area_key, nullif(r.area_key, '-') AS area_id, r.category, r.local_day, r.period,
    sum(r.report_count)::INTEGER AS incident_count,
    coalesce(sum(r.report_count) FILTER (WHERE r.severity >= config.threshold_of('severe_from')), 0)::INTEGER
        AS severe_count
FROM core.report_day AS r
WHERE r.counts_as = 'incident' AND r.is_ours AND r.is_trend_source AND r.period IS NOT NULL
GROUP BY r.source_id, r.area_key, r.category, r.local_day, r.period;
ALTER TABLE core.incident_day ADD PRIMARY KEY (source_id, area_key, category, local_day);
COMMENT ON TABLE core.incident_day IS 'One row per source, area, category and whole local day with an incident.';
