-- sv: Hur stor del av händelserna saknar område, per källa?
-- en: What part of incidents lack an area, by source?
SELECT source_id, count(*) AS count, count(*) FILTER (area_id IS NULL) AS without_area
FROM core.incident GROUP BY source_id ORDER BY source_id;
