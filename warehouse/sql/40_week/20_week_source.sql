-- Sources and coverage: how many of the week's days each source was heard about, and of the same week's last year. is_like:
-- its reports are counted and it was heard all of both weeks, so that the two may be held against each other.
CREATE OR REPLACE TABLE picture.week_source AS
SELECT row_number() OVER (ORDER BY f.position, f.source_id)::INTEGER AS position,
    'v2.' || row_number() OVER (ORDER BY f.position, f.source_id) AS query_id,
    f.source_id, f.title_sv, f.title_en, f.owner_org, f.is_trend_source,
    count(*) FILTER (WHERE w.week_ago = 0 AND d.is_heard)::INTEGER AS heard_days,
    coalesce(sum(d.report_count) FILTER (WHERE w.week_ago = 0), 0)::INTEGER AS report_count,
    count(*) FILTER (WHERE w.week_ago = 52 AND d.is_heard)::INTEGER AS last_year_heard_days,
    f.is_trend_source AND bool_and(d.is_heard) AS is_like
FROM config.feed AS f
JOIN core.feed_day AS d ON d.source_id = f.source_id
JOIN picture.week_day AS w ON w.local_day = d.local_day AND w.week_ago IN (0, 52)
WHERE f.role <> 'register'
GROUP BY f.position, f.source_id, f.title_sv, f.title_en, f.owner_org, f.is_trend_source
ORDER BY position;
ALTER TABLE picture.week_source ADD PRIMARY KEY (source_id);
COMMENT ON TABLE picture.week_source IS 'One row per source: the week''s days it was heard about, this year and last.';
