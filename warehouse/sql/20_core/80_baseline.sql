-- What each count is held against. Four levels, each a family of tests of its own: cell (area × category), area,
-- category, municipality; '*' stands for "all".
-- Several sources in one cell: every source has its own past and its own silences, so each is given its own ratio
-- t = exposure now / exposure in its baseline, and the cell's ratio is their mean weighted by what each source used
-- to report there: sum(S·t) / sum(S). With one source, or with equal silences, that is exactly m/n. Where nothing
-- was ever reported the plain mean of the sources' ratios stands in. Expected is then (S + ½) · ratio.
-- (Sums of fractions are made in decimals: the same rows give the same digits, whatever order they come in.)
-- The weakest past decides: where a 'short' source takes part, the whole cell is held against 8 periods; a 'new'
-- source is left out and counted in left_out_count; where only new sources report, the past is too short.
CREATE OR REPLACE TABLE core.baseline AS
WITH source_cell AS (
    SELECT source_id, area_key, category,
        coalesce(sum(incident_count) FILTER (WHERE period = 0), 0) AS x0,
        coalesce(sum(incident_count) FILTER (WHERE period = 1), 0) AS x1,
        coalesce(sum(incident_count) FILTER (WHERE period = 2), 0) AS x2,
        coalesce(sum(severe_count) FILTER (WHERE period = 0), 0) AS severe,
        coalesce(sum(incident_count) FILTER (
            WHERE period BETWEEN 1 AND config.threshold_of('baseline_weeks')), 0) AS base,
        coalesce(sum(incident_count) FILTER (
            WHERE period BETWEEN 1 AND config.threshold_of('short_baseline_periods')), 0) AS short
    FROM core.incident_day GROUP BY source_id, area_key, category
), rated AS (
    SELECT c.*, h.history, h.silent_days,
        h.exposure_0 / nullif(h.base_exposure, 0) AS t0, h.exposure_1 / nullif(h.base_exposure, 0) AS t1,
        h.exposure_2 / nullif(h.base_exposure, 0) AS t2, h.exposure_0 / nullif(h.short_exposure, 0) AS ts
    FROM source_cell AS c JOIN core.source_history AS h ON h.source_id = c.source_id
), summed AS (
    SELECT
        CASE WHEN grouping(area_key) = 1 THEN '*' ELSE area_key END AS area_key,
        CASE WHEN grouping(category) = 1 THEN '*' ELSE category END AS category_key,
        sum(x0) FILTER (WHERE history <> 'new') AS x0, sum(x0) FILTER (WHERE history = 'new') AS x_new,
        sum(x1) FILTER (WHERE history = 'full') AS x1, sum(x2) FILTER (WHERE history = 'full') AS x2,
        sum(severe) AS severe, max(silent_days) AS silent_days,
        bool_or(history = 'short') AS any_short, bool_or(history = 'full') AS any_full,
        sum(base) FILTER (WHERE history = 'full') AS base,
        sum((base * t0)::DECIMAL(18, 9)) FILTER (WHERE history = 'full')::DOUBLE AS base_t0,
        sum((base * t1)::DECIMAL(18, 9)) FILTER (WHERE history = 'full')::DOUBLE AS base_t1,
        sum((base * t2)::DECIMAL(18, 9)) FILTER (WHERE history = 'full')::DOUBLE AS base_t2,
        sum(short) FILTER (WHERE history <> 'new') AS short,
        sum((short * coalesce(ts, 0))::DECIMAL(18, 9)) FILTER (WHERE history <> 'new')::DOUBLE AS short_ts
    FROM rated GROUP BY GROUPING SETS ((area_key, category), (area_key), (category), ())
), overall AS (
    SELECT bool_or(history = 'full') AS has_full, bool_or(history = 'short') AS has_short,
        avg((exposure_0 / nullif(base_exposure, 0))::DECIMAL(18, 12)) FILTER (WHERE history = 'full') AS t0,
        avg((exposure_1 / nullif(base_exposure, 0))::DECIMAL(18, 12)) FILTER (WHERE history = 'full') AS t1,
        avg((exposure_2 / nullif(base_exposure, 0))::DECIMAL(18, 12)) FILTER (WHERE history = 'full') AS t2,
        avg((exposure_0 / nullif(short_exposure, 0))::DECIMAL(18, 12)) FILTER (WHERE history <> 'new') AS ts,
        max(silent_days) FILTER (WHERE history <> 'new') AS silent_days
    FROM core.source_history
), used AS (SELECT DISTINCT category FROM core.incident_day),
grid AS (
    SELECT 'cell' AS level, area_id AS area_key, category AS category_key FROM config.area, used
    UNION ALL SELECT 'area', area_id, '*' FROM config.area
    UNION ALL SELECT 'category', '*', category FROM used
    UNION ALL SELECT 'municipality', '*', '*'
), chosen AS (
    SELECT g.*, s.* EXCLUDE (area_key, category_key),
        CASE
            WHEN s.any_short THEN '8_periods'
            WHEN s.any_full THEN '52_weeks'
            WHEN s.x_new > 0 THEN 'too_short'
            WHEN o.has_full THEN '52_weeks'
            WHEN o.has_short THEN '8_periods'
            ELSE 'too_short'
        END AS baseline,
        o.t0, o.t1, o.t2, o.ts, o.silent_days AS silent_days_overall
    FROM grid AS g
    CROSS JOIN overall AS o
    LEFT JOIN summed AS s ON s.area_key = g.area_key AND s.category_key = g.category_key
)
SELECT
    level, area_key, category_key,
    CASE WHEN area_key <> '*' THEN area_key END AS area_id,
    CASE WHEN category_key <> '*' THEN category_key END AS category,
    baseline,
    CASE WHEN baseline = 'too_short' THEN coalesce(x_new, 0) ELSE coalesce(x0, 0) END::INTEGER AS count,
    CASE WHEN baseline = 'too_short' THEN 0 ELSE coalesce(x_new, 0) END::INTEGER AS left_out_count,
    coalesce(severe, 0)::INTEGER AS severe_count,
    CASE baseline WHEN '52_weeks' THEN coalesce(base, 0) WHEN '8_periods' THEN coalesce(short, 0) END::INTEGER
        AS base_sum,
    CASE baseline WHEN '52_weeks' THEN coalesce(base_t0 / nullif(base, 0), t0)
        WHEN '8_periods' THEN coalesce(short_ts / nullif(short, 0), ts) END AS exposure_ratio,
    CASE WHEN baseline = '52_weeks' THEN coalesce(x1, 0) END::INTEGER AS count_1,
    CASE WHEN baseline = '52_weeks' THEN coalesce(base_t1 / nullif(base, 0), t1) END AS exposure_ratio_1,
    CASE WHEN baseline = '52_weeks' THEN coalesce(x2, 0) END::INTEGER AS count_2,
    CASE WHEN baseline = '52_weeks' THEN coalesce(base_t2 / nullif(base, 0), t2) END AS exposure_ratio_2,
    coalesce(silent_days, silent_days_overall)::INTEGER AS silent_days
FROM chosen;
ALTER TABLE core.baseline ADD PRIMARY KEY (level, area_key, category_key);
COMMENT ON TABLE core.baseline IS
    'One row per level, area and category: the last seven days and what they are held against.';
