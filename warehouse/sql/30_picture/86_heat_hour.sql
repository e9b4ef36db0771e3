-- Weekday × hour, the same incidents as in the watches. The hour is the local clock's; the doubled hour of October
-- falls in one cell.
CREATE OR REPLACE TABLE picture.heat_hour AS
WITH timed AS (
    SELECT local_weekday AS weekday, local_hour AS hour
    FROM core.incident WHERE period BETWEEN 0 AND 3 AND local_hour IS NOT NULL
), hearing AS (
    SELECT coalesce(bool_or(heard_days > 0), FALSE) AS is_heard FROM core.source_period WHERE period BETWEEN 0 AND 3
)
SELECT d.weekday::INTEGER AS weekday, h.hour::INTEGER AS hour,
    CASE WHEN v.is_heard THEN count(t.hour) END::INTEGER AS count
FROM range(1, 8) AS d(weekday)
CROSS JOIN range(0, 24) AS h(hour)
CROSS JOIN hearing AS v
LEFT JOIN timed AS t ON t.weekday = d.weekday AND t.hour = h.hour
GROUP BY d.weekday, h.hour, v.is_heard
ORDER BY d.weekday, h.hour;
ALTER TABLE picture.heat_hour ADD PRIMARY KEY (weekday, hour);
COMMENT ON TABLE picture.heat_hour IS 'One row per weekday and hour of the day.';
