-- What each comparable source's past can carry. A new reporter breaks a series, so a baseline begins on the
-- source's own first heard day: 'full' reaches back through the oldest of the 52 periods with at least half of the
-- days heard, 'short' through the 8 like periods with at least half heard; else 'new', and its incidents are left
-- out of the comparison (never out of the picture) until it has a past.
CREATE OR REPLACE TABLE core.source_history AS
WITH first_heard AS (
    SELECT source_id, min(first_day) AS first_heard_day
    FROM (
        SELECT source_id, local_day AS first_day FROM core.feed_day WHERE is_heard
        UNION ALL
        SELECT source_id, first_event_day FROM core.standing_total
        UNION ALL
        SELECT s.source_id, (s.first_accepted_at AT TIME ZONE m.timezone)::DATE
        FROM stage.source_span AS s, config.moment AS m
    )
    GROUP BY source_id
), exposed AS (  -- as decimals: the sum is the same in whatever order the days come
    SELECT source_id, period, silent_days, exposure::DECIMAL(18, 9) AS exposure,
        period BETWEEN 1 AND config.threshold_of('baseline_weeks') AS in_base,
        period BETWEEN 1 AND config.threshold_of('short_baseline_periods') AS in_short
    FROM core.source_period
), summed AS (
    SELECT p.source_id, any_value(h.first_heard_day) AS first_heard_day,
        sum(p.exposure) FILTER (WHERE p.period = 0)::DOUBLE AS exposure_0,
        sum(p.exposure) FILTER (WHERE p.period = 1)::DOUBLE AS exposure_1,
        sum(p.exposure) FILTER (WHERE p.period = 2)::DOUBLE AS exposure_2,
        sum(p.exposure) FILTER (WHERE p.in_base)::DOUBLE AS base_exposure,
        sum(p.exposure) FILTER (WHERE p.in_short)::DOUBLE AS short_exposure,
        sum(p.silent_days) FILTER (WHERE p.period = 0)::INTEGER AS silent_days
    FROM exposed AS p
    LEFT JOIN first_heard AS h ON h.source_id = p.source_id
    GROUP BY p.source_id
), oldest AS (
    SELECT max(local_day) FILTER (WHERE period = config.threshold_of('baseline_weeks')) AS full_from_day,
        min(local_day) FILTER (WHERE period = config.threshold_of('short_baseline_periods')) AS short_from_day
    FROM core.local_day
)
SELECT s.*,
    CASE
        WHEN s.first_heard_day <= o.full_from_day
            AND s.base_exposure >= config.threshold_of('baseline_weeks') / 2 THEN 'full'
        WHEN s.first_heard_day <= o.short_from_day
            AND s.short_exposure >= config.threshold_of('short_baseline_periods') / 2 THEN 'short'
        ELSE 'new'
    END AS history
FROM summed AS s, oldest AS o;
ALTER TABLE core.source_history ADD PRIMARY KEY (source_id);
COMMENT ON TABLE core.source_history IS 'One row per comparable source: its exposure and what its past can carry.';
