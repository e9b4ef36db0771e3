-- Area × watch of three hours, the last 28 whole days, incidents with a known hour. Every cell is there, nought too,
-- as long as anybody was heard. The total row holds those without an area as well.
CREATE OR REPLACE TABLE picture.heat_watch AS
WITH timed AS (
    SELECT i.area_id, i.local_hour // 3 AS watch
    FROM core.incident AS i
    WHERE i.period BETWEEN 0 AND 3 AND i.local_hour IS NOT NULL
), hearing AS (
    SELECT coalesce(bool_or(heard_days > 0), FALSE) AS is_heard FROM core.source_period WHERE period BETWEEN 0 AND 3
), line AS (
    SELECT area_id, area_name, position, FALSE AS is_total FROM config.area
    UNION ALL
    SELECT NULL, municipality_name, NULL, TRUE FROM config.municipality
)
SELECT
    l.area_id, l.area_name, w.watch::INTEGER AS watch,
    CASE WHEN h.is_heard THEN count(t.watch) END::INTEGER AS count,
    l.is_total
FROM line AS l
CROSS JOIN range(0, 8) AS w(watch)
CROSS JOIN hearing AS h
LEFT JOIN timed AS t ON t.watch = w.watch AND (l.is_total OR t.area_id = l.area_id)
GROUP BY l.area_id, l.area_name, l.position, w.watch, l.is_total, h.is_heard
ORDER BY l.is_total, l.position, l.area_id, w.watch;
ALTER TABLE picture.heat_watch ADD PRIMARY KEY (is_total, area_name, watch);
COMMENT ON TABLE picture.heat_watch IS 'One row per area (and the total) and three-hour watch of the day.';
