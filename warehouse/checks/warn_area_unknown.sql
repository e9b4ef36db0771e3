-- Reports name an area that the settings no longer hold: they are counted, in no area; run lagesbild rebuild.
SELECT t.source_id, t.area_id, sum(t.report_count) AS report_count
FROM stage.report_total AS t
WHERE t.area_id NOT IN (SELECT area_id FROM config.area)
GROUP BY t.source_id, t.area_id
ORDER BY t.source_id, t.area_id;
