-- The weekly picture's ground: the incidents of the last whole week (Monday to Sunday, week_ago 0), of the 11 before it
-- and of the week 52 before, as the daily picture counts them (core.incident), but from all years of the lake: on a
-- Thursday the same week last year begins before the calendar of the daily comparisons does.
CREATE OR REPLACE TEMP TABLE weekly_day AS
WITH last_sunday AS (
    SELECT today - isodow(today)::INTEGER AS until_day
    FROM (SELECT (moment_at AT TIME ZONE timezone)::DATE AS today FROM config.moment)
)
SELECT (until_day - n::INTEGER)::DATE AS local_day, (n // 7)::INTEGER AS week_ago
FROM last_sunday, range(0, 53 * 7) AS r(n)
WHERE n // 7 < 12 OR n // 7 = 52;
CREATE OR REPLACE TEMP TABLE weekly_incident AS
SELECT d.week_ago, r.local_day, r.area_id, r.category, r.category_sv, r.category_en, r.severity, r.counts_as, r.source_id
FROM core.report AS r
JOIN weekly_day AS d ON d.local_day = r.local_day
JOIN config.feed AS f ON f.source_id = r.source_id AND f.is_trend_source
CROSS JOIN config.moment AS m
WHERE r.counts_as IN ('incident', 'perception') AND r.is_ours AND r.event_at <= m.moment_at + INTERVAL 15 MINUTES;
