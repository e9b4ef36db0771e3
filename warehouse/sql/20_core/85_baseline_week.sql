-- Each period of the baseline against its own expectation, for the dispersion: how much more the weeks vary than
-- chance alone would have them. Only full-year sources, only where at least a quarter of an incident is expected
-- (below that a cell says nothing of its variance). Expected follows each source's exposure that very week.
CREATE OR REPLACE TABLE core.baseline_week AS
WITH rate AS (
    SELECT d.source_id, d.area_key, d.category, sum(d.incident_count) / any_value(h.base_exposure) AS a_week
    FROM core.incident_day AS d
    JOIN core.source_history AS h ON h.source_id = d.source_id AND h.history = 'full'
    WHERE d.period BETWEEN 1 AND config.threshold_of('baseline_weeks')
    GROUP BY d.source_id, d.area_key, d.category
), told AS (
    SELECT d.area_key, d.category, d.period, 0::DECIMAL(18, 9) AS expected, d.incident_count
    FROM core.incident_day AS d
    JOIN core.source_history AS h ON h.source_id = d.source_id AND h.history = 'full'
    WHERE d.period BETWEEN 1 AND config.threshold_of('baseline_weeks')
    UNION ALL
    SELECT r.area_key, r.category, p.period, (r.a_week * p.exposure)::DECIMAL(18, 9), 0
    FROM rate AS r
    JOIN core.source_period AS p ON p.source_id = r.source_id
        AND p.period BETWEEN 1 AND config.threshold_of('baseline_weeks')
)
SELECT
    CASE grouping(area_key, category) WHEN 0 THEN 'cell' WHEN 1 THEN 'area' WHEN 2 THEN 'category'
        ELSE 'municipality' END AS level,
    CASE WHEN grouping(area_key) = 1 THEN '*' ELSE area_key END AS area_key,
    CASE WHEN grouping(category) = 1 THEN '*' ELSE category END AS category_key,
    period,
    sum(incident_count)::INTEGER AS count,
    sum(expected)::DOUBLE AS expected
FROM told
GROUP BY GROUPING SETS ((area_key, category, period), (area_key, period), (category, period), (period))
HAVING sum(expected) > 0.25 AND NOT (grouping(area_key) = 0 AND any_value(area_key) = '-');
ALTER TABLE core.baseline_week ADD PRIMARY KEY (level, area_key, category_key, period);
COMMENT ON TABLE core.baseline_week IS
    'One row per level, area, category and period of the baseline where enough is expected.';
