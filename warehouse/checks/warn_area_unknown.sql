-- Reports name an area that the settings no longer hold: they are counted, in no area; run lagesbild rebuild.
SELECT v.source_id, v.area_id, count(DISTINCT v.report_id) AS report_count
FROM core.report_version AS v
WHERE v.area_id NOT IN (SELECT area_id FROM config.area)
GROUP BY v.source_id, v.area_id
ORDER BY v.source_id, v.area_id;
