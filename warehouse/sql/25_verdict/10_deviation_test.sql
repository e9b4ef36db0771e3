-- The verdicts. The probabilities come from warehouse/statistics.py (core.test_number); what they are taken to mean
-- is decided here and nowhere else:
--   signal  at least minimum_count incidents and q ≤ q_signal; held against 8 periods: z ≥ short_z
--   watch   at least minimum_count incidents and q ≤ q_watch
--   fall    three periods in a row under the normal interval, with fall_minimum_expected or more expected in each
--   severe  an incident of severity 4 or 5, unusual or not. Where the report names no area it stands on its
--           category's row, so that no grave incident falls between the areas
-- The rest is NULL: nothing to tell from chance.
CREATE OR REPLACE TABLE core.deviation_test AS
WITH unplaced AS (
    SELECT category, sum(severe_count) AS severe_count
    FROM core.incident_day WHERE period = 0 AND area_key = '-' GROUP BY category
)
SELECT
    b.level, b.area_key, b.category_key, b.area_id, b.category, b.baseline, b.count, b.left_out_count,
    CASE b.level WHEN 'cell' THEN b.severe_count WHEN 'category' THEN coalesce(u.severe_count, 0) ELSE 0
        END::INTEGER AS severe_count,
    b.base_sum, b.exposure_ratio, t.dispersion, t.expected, t.normal_low, t.normal_high, t.p_value, t.q_value, t.z,
    t.expected IS NOT NULL AS is_tested,
    CASE
        WHEN b.count >= config.threshold_of('minimum_count')
            AND (t.q_value <= config.threshold_of('q_signal') OR t.z >= config.threshold_of('short_z')) THEN 'signal'
        WHEN b.count >= config.threshold_of('minimum_count') AND t.q_value <= config.threshold_of('q_watch')
            THEN 'watch'
        WHEN (CASE b.level WHEN 'cell' THEN b.severe_count WHEN 'category' THEN u.severe_count END) > 0
            THEN 'severe'
        WHEN t.low_periods >= config.threshold_of('fall_periods') THEN 'fall'
    END AS verdict,
    b.silent_days
FROM core.baseline AS b
LEFT JOIN core.test_number AS t
    ON t.level = b.level AND t.area_key = b.area_key AND t.category_key = b.category_key
LEFT JOIN unplaced AS u ON b.level = 'category' AND u.category = b.category;
ALTER TABLE core.deviation_test ADD PRIMARY KEY (level, area_key, category_key);
COMMENT ON TABLE core.deviation_test IS
    'One row per level, area and category: the count, what is normal, and the verdict.';
