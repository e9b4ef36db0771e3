-- The calendar every comparison stands on: today, the seven whole days before it (period 0), and the 52 periods of
-- seven days before those (periods 1–52). Counted in days and never by ISO week: 2026 has a week 53 and 2025 has
-- none, while 364 days back is always the same weekday. A week more stands behind them for the weekly picture: seen from
-- a Thursday, the same week last year began before the daily comparisons do. A day is a local day, 23 to 25 hours long.
CREATE OR REPLACE TABLE core.local_day AS
WITH today AS (
    SELECT (moment_at AT TIME ZONE timezone)::DATE AS today, timezone FROM config.moment
), numbered AS (
    SELECT (today - days_ago::INTEGER)::DATE AS local_day, days_ago::INTEGER AS days_ago, timezone
    FROM today, range(0, 7 + 364 + 7 + 1) AS r(days_ago)
)
SELECT
    local_day,
    days_ago,
    CASE WHEN days_ago > 0 THEN (days_ago - 1) // 7 END AS period,
    isodow(local_day)::INTEGER AS weekday,
    local_day::TIMESTAMP AT TIME ZONE timezone AS day_from,
    (local_day + 1)::TIMESTAMP AT TIME ZONE timezone AS day_until
FROM numbered;
ALTER TABLE core.local_day ADD PRIMARY KEY (local_day);
COMMENT ON TABLE core.local_day IS 'One row per local day from today back through the baseline.';
