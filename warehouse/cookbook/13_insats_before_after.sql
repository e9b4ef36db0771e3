-- sv: Hur många händelser i insatsens område 28 dygn före och efter att den började?
-- en: Incidents in an insats' area, 28 days before and after it began?
SELECT n.entry_id, n.area_id, n.start_day,
    count(i.report_id) FILTER (i.local_day BETWEEN n.start_day - 28 AND n.start_day - 1) AS before_count,
    count(i.report_id) FILTER (i.local_day BETWEEN n.start_day AND n.start_day + 27) AS after_count,
    n.start_day + 27 < core.this_day() AS is_whole
FROM core.insats AS n LEFT JOIN core.incident AS i ON i.area_id = n.area_id
WHERE n.start_day IS NOT NULL GROUP BY ALL ORDER BY n.entry_id;
