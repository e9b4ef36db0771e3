-- How much of a week each weekday carries, pooled over sources, areas and categories, from the baseline's heard
-- days: a silent Saturday takes more out of the exposure than a silent Tuesday. The seven factors sum to seven.
-- (Six decimals, so that sums of exposure are the same in whatever order they are added.)
-- Under 70 incidents (ten a weekday) the profile would be noise, and every day weighs the same.
CREATE OR REPLACE TABLE core.weekday_factor AS
WITH heard AS (
    SELECT f.weekday, count(*) AS heard_days
    FROM core.feed_day AS f JOIN config.feed AS s ON s.source_id = f.source_id AND s.is_trend_source
    WHERE f.is_heard AND f.period BETWEEN 1 AND 52
    GROUP BY f.weekday
), counted AS (
    SELECT isodow(local_day)::INTEGER AS weekday, sum(incident_count) AS incident_count
    FROM core.incident_day WHERE period BETWEEN 1 AND 52 GROUP BY 1
), rated AS (
    SELECT w.weekday::INTEGER AS weekday, coalesce(c.incident_count, 0)::INTEGER AS incident_count,
        coalesce(h.heard_days, 0)::INTEGER AS heard_days,
        coalesce(c.incident_count, 0) / nullif(h.heard_days, 0)::DOUBLE AS rate
    FROM range(1, 8) AS w(weekday)
    LEFT JOIN heard AS h ON h.weekday = w.weekday
    LEFT JOIN counted AS c ON c.weekday = w.weekday
)
SELECT weekday, incident_count, heard_days,
    CASE WHEN sum(incident_count) OVER () >= 70 AND count(rate) OVER () = 7 AND min(rate) OVER () > 0
        THEN round(7 * rate / sum(rate) OVER (), 6) ELSE 1.0 END AS factor
FROM rated;
ALTER TABLE core.weekday_factor ADD PRIMARY KEY (weekday);
COMMENT ON TABLE core.weekday_factor IS 'One row per weekday (1 Monday … 7 Sunday).';
