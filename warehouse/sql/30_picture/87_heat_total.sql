-- What the two heat tables could not hold: incidents whose hour nobody knows.
CREATE OR REPLACE TABLE picture.heat_total AS
WITH span AS (
    SELECT min(local_day) AS from_day, max(local_day) AS until_day FROM core.local_day WHERE period BETWEEN 0 AND 3
)
SELECT
    (SELECT count(*) FROM core.incident WHERE period BETWEEN 0 AND 3 AND local_hour IS NOT NULL)::INTEGER
        AS with_time_count,
    (SELECT count(*) FROM core.incident WHERE period BETWEEN 0 AND 3 AND local_hour IS NULL)::INTEGER
        AS without_time_count,
    from_day, until_day
FROM span;
ALTER TABLE picture.heat_total ADD PRIMARY KEY (from_day);
COMMENT ON TABLE picture.heat_total IS 'One row per picture: incidents of 28 days with and without a known hour.';
