-- sv: Vilka öppna fel ligger inom 150 m från minst fem händelser på 28 dygn?
-- en: Which open faults lie within 150 m of five incidents or more in 28 days?
-- Many lie at the same spot: distances are measured between spots, not between reports.
WITH told AS (
    SELECT r.report_id, r.latitude, r.longitude FROM core.report AS r SEMI JOIN core.incident AS i USING (report_id)
    WHERE r.latitude IS NOT NULL AND r.local_day BETWEEN core.this_day() - 28 AND core.this_day() - 1
), fault AS (
    SELECT * FROM core.report
    WHERE status = 'open' AND observation_type = 'municipal_request' AND latitude IS NOT NULL
), spot AS (SELECT latitude, longitude, count(*) AS told_count FROM told GROUP BY ALL),
near AS (
    SELECT f.latitude, f.longitude, sum(s.told_count)::BIGINT AS near_count
    FROM (SELECT DISTINCT latitude, longitude FROM fault) AS f
    JOIN spot AS s ON s.latitude BETWEEN f.latitude - 0.002 AND f.latitude + 0.002
    WHERE core.metres(f.latitude, f.longitude, s.latitude, s.longitude) <= 150
    GROUP BY ALL
)
SELECT f.report_id, f.category, f.local_day,
    -- graffiti is a fault and an incident; it does not lie near itself
    n.near_count - (f.report_id IN (SELECT report_id FROM told))::INTEGER AS incident_count
FROM fault AS f JOIN near AS n ON n.latitude = f.latitude AND n.longitude = f.longitude
WHERE incident_count >= 5 ORDER BY incident_count DESC, f.report_id;
