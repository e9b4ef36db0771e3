-- The map's points, of the last seven whole days: only where the place is public and the position the source's own
-- (punkt) or the gazetteer's (plats). A centroid of anything larger is never a point.
CREATE OR REPLACE TABLE picture.map_point AS
SELECT
    r.report_id, r.latitude, r.longitude, r.category_sv, r.category_en, r.severity,
    d.days_ago AS age_days
FROM core.incident AS i
JOIN core.recent_report AS r ON r.report_id = i.report_id
JOIN core.local_day AS d ON d.local_day = i.local_day
WHERE i.period = 0 AND NOT r.is_person_sensitive
    AND r.latitude IS NOT NULL AND r.longitude IS NOT NULL
    AND (r.location_precision = 'punkt' OR (r.location_precision = 'plats' AND r.publicness = 'public'))
ORDER BY r.report_id;
ALTER TABLE picture.map_point ADD PRIMARY KEY (report_id);
COMMENT ON TABLE picture.map_point IS 'One row per incident shown as a point on the map.';
