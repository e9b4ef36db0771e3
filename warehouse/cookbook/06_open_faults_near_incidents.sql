-- sv: Vilka öppna fel ligger inom 150 m från minst fem händelser på 28 dygn?
-- en: Which open faults lie within 150 m of five incidents or more in 28 days?
WITH fault AS (
    SELECT * FROM core.report
    WHERE status = 'open' AND observation_type = 'municipal_request' AND latitude IS NOT NULL
), told AS (
    SELECT r.report_id, r.latitude, r.longitude FROM core.report AS r SEMI JOIN core.incident AS i USING (report_id)
    WHERE r.latitude IS NOT NULL AND r.local_day BETWEEN core.this_day() - 28 AND core.this_day() - 1
)
SELECT f.report_id, f.category, f.local_day, count(*) AS incident_count
FROM fault AS f
JOIN told AS r ON r.latitude BETWEEN f.latitude - 0.002 AND f.latitude + 0.002 AND r.report_id <> f.report_id
WHERE core.metres(f.latitude, f.longitude, r.latitude, r.longitude) <= 150
GROUP BY ALL HAVING count(*) >= 5 ORDER BY incident_count DESC, f.report_id;
