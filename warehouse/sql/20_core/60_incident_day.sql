-- Incidents per day within the calendar, by source: the source is kept because exposure differs from source to
-- source (one is silent on Tuesday, another began in May).
CREATE OR REPLACE TABLE core.incident_day AS
SELECT
    i.source_id, i.area_key, any_value(i.area_id) AS area_id, i.category, i.local_day, any_value(i.period) AS period,
    count(*)::INTEGER AS incident_count,
    count(*) FILTER (WHERE i.severity >= config.threshold_of('severe_from'))::INTEGER AS severe_count
FROM core.incident AS i
WHERE i.period IS NOT NULL
GROUP BY i.source_id, i.area_key, i.category, i.local_day;
ALTER TABLE core.incident_day ADD PRIMARY KEY (source_id, area_key, category, local_day);
COMMENT ON TABLE core.incident_day IS 'One row per source, area, category and whole local day with an incident.';
