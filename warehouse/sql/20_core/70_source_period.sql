-- Exposure: how much of each seven-day period a source was heard about. 1.0 is a whole period; a silent day takes
-- away its weekday's share.
CREATE OR REPLACE TABLE core.source_period AS
SELECT f.source_id, f.period,
    coalesce(sum(w.factor::DECIMAL(9, 6)) FILTER (WHERE f.is_heard), 0)::DOUBLE / 7 AS exposure,
    count(*) FILTER (WHERE f.is_heard)::INTEGER AS heard_days,
    count(*) FILTER (WHERE NOT f.is_heard)::INTEGER AS silent_days
FROM core.feed_day AS f
JOIN config.feed AS s ON s.source_id = f.source_id AND s.is_trend_source
JOIN core.weekday_factor AS w ON w.weekday = f.weekday
WHERE f.period IS NOT NULL
GROUP BY f.source_id, f.period;
ALTER TABLE core.source_period ADD PRIMARY KEY (source_id, period);
COMMENT ON TABLE core.source_period IS 'One row per comparable source and seven-day period (0 is the newest).';
