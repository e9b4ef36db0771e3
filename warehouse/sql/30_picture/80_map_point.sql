-- The map's points, of the last seven whole days and of the last 24 hours, this morning's with them: only where the place is public and the position the source's own
-- (punkt) or the gazetteer's (plats). A centroid of anything larger is never a point.
CREATE OR REPLACE TABLE picture.map_point AS
SELECT
    r.report_id, r.latitude, r.longitude, c.category_sv, c.category_en, r.severity,
    CASE WHEN i.event_at > m.moment_at - INTERVAL 24 HOURS THEN 0 ELSE d.days_ago END AS age_days
FROM core.incident AS i
CROSS JOIN config.moment AS m
JOIN core.recent_report AS r ON r.report_id = i.report_id
JOIN core.local_day AS d ON d.local_day = i.local_day
LEFT JOIN config.category AS c ON c.category = r.category
WHERE (i.period = 0 OR i.event_at > m.moment_at - INTERVAL 24 HOURS) AND NOT r.is_person_sensitive
    AND r.latitude IS NOT NULL AND r.longitude IS NOT NULL
    AND (r.location_precision = 'punkt' OR (r.location_precision = 'plats' AND r.publicness = 'public'))
ORDER BY r.report_id;
ALTER TABLE picture.map_point ADD PRIMARY KEY (report_id);
COMMENT ON TABLE picture.map_point IS 'One row per incident shown as a point on the map.';
