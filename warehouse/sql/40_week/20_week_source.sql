-- Sources and coverage: how many of the week's days each source was heard about, and of the same week's last year. is_like:
-- its reports are counted and it was heard all of both weeks, so that the two may be held against each other.
-- week_coverage says what fewer days than seven mean:
--   heard   all of them           seldom  nothing is expected of it every day: a week without it is no silence
--   begins  it was not heard until after the week, or never yet: it had nothing to fall silent from
--   silent  it was heard before the week ended, is expected daily, and was not heard all of it
CREATE OR REPLACE TABLE picture.week_source AS
WITH first_heard AS (
    SELECT source_id, min(local_day) AS first_day FROM core.feed_day WHERE is_heard GROUP BY source_id
), counted AS (
    SELECT f.position, f.source_id, f.title_sv, f.title_en, f.owner_org, f.is_trend_source,
        coalesce(f.expected_every_hours, f.late_after_hours) AS every_hours,
        max(w.local_day) FILTER (WHERE w.week_ago = 0) AS until_day,
        count(*) FILTER (WHERE w.week_ago = 0 AND d.is_heard)::INTEGER AS heard_days,
        coalesce(sum(d.report_count) FILTER (WHERE w.week_ago = 0), 0)::INTEGER AS report_count,
        count(*) FILTER (WHERE w.week_ago = 52 AND d.is_heard)::INTEGER AS last_year_heard_days,
        f.is_trend_source AND bool_and(d.is_heard) AS is_like
    FROM config.feed AS f
    JOIN core.feed_day AS d ON d.source_id = f.source_id
    JOIN picture.week_day AS w ON w.local_day = d.local_day AND w.week_ago IN (0, 52)
    WHERE f.role <> 'register'
    GROUP BY f.position, f.source_id, f.title_sv, f.title_en, f.owner_org, f.is_trend_source, f.expected_every_hours,
        f.late_after_hours
)
SELECT row_number() OVER (ORDER BY c.position, c.source_id)::INTEGER AS position,
    'v2.' || row_number() OVER (ORDER BY c.position, c.source_id) AS query_id,
    c.source_id, c.title_sv, c.title_en, c.owner_org, c.is_trend_source, c.heard_days, c.report_count,
    c.last_year_heard_days, c.is_like,
    CASE WHEN c.heard_days = 7 THEN 'heard'
        WHEN c.every_hours > 24 THEN 'seldom'
        WHEN h.first_day IS NULL OR h.first_day > c.until_day THEN 'begins'
        ELSE 'silent' END AS week_coverage
FROM counted AS c LEFT JOIN first_heard AS h ON h.source_id = c.source_id
ORDER BY position;
ALTER TABLE picture.week_source ADD PRIMARY KEY (source_id);
COMMENT ON TABLE picture.week_source IS 'One row per source: the week''s days it was heard about, this year and last.';
