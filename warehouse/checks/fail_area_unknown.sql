-- A report names an area that the settings do not hold: it would be counted in no area and missed by nobody.
SELECT r.source_id, r.area_id, count(*) AS report_count
FROM core.report AS r
WHERE r.area_id IS NOT NULL AND r.area_id NOT IN (SELECT area_id FROM config.area)
GROUP BY r.source_id, r.area_id
ORDER BY r.source_id, r.area_id;
