CREATE OR REPLACE TEMP VIEW instead_incident_day AS
WITH told AS (
    SELECT * REPLACE (
        told(category IN (FROM sensitive_category), date_trunc('week', local_day)::DATE, local_day) AS local_day)
    FROM core.incident_day
)
SELECT t.source_id, t.area_key, t.area_id, t.category, t.local_day, d.period,
    sum(t.incident_count)::INTEGER AS incident_count, sum(t.severe_count)::INTEGER AS severe_count
FROM told AS t LEFT JOIN core.local_day AS d ON d.local_day = t.local_day
GROUP BY ALL;
