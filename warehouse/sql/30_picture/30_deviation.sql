-- §5 Avvikelser: only what chance does not explain, or what is grave whatever chance says. Signals first, then what
-- to watch, then grave incidents, then falls; the surest first, ties broken to the end.
CREATE OR REPLACE TABLE picture.deviation AS
WITH chosen AS (
    SELECT t.*, a.area_name, c.category_sv, c.category_en,
        row_number() OVER (ORDER BY
            list_position(['signal', 'watch', 'severe', 'fall'], t.verdict),
            list_position(['cell', 'area', 'category', 'municipality'], t.level),
            t.q_value NULLS LAST, t.z DESC NULLS LAST, t.severe_count DESC, t.area_key, t.category_key
        )::INTEGER AS nth,
        d.activity_7d_count, d.activity_expected, e.count AS earlier_count,
        list_position(['fall', 'severe', 'watch', 'signal'], t.verdict)
            - list_position(['fall', 'severe', 'watch', 'signal'], e.verdict) AS rise,
        b.earlier_at
    FROM core.deviation_test AS t
    CROSS JOIN picture.earlier AS b
    LEFT JOIN stage.earlier_deviation AS e
        ON e.level = t.level AND coalesce(e.area_id, '*') = t.area_key AND coalesce(e.category, '*') = t.category_key
        AND (e.verdict = 'fall') = (t.verdict = 'fall')
    LEFT JOIN config.area AS a ON a.area_id = t.area_id
    LEFT JOIN config.category AS c ON c.category = t.category
    LEFT JOIN core.dose AS d
        ON d.area_key = t.area_key AND c.family IN ('narkotika', 'trafik', 'alkohol')
    WHERE t.verdict IS NOT NULL
)
SELECT
    nth AS position, '5.' || nth AS query_id, level, area_id, area_name, category, category_sv, category_en, count,
    round(expected, 2) AS expected, normal_low, normal_high, round(p_value, 6) AS p_value, round(q_value, 6) AS q_value,
    verdict, baseline, activity_7d_count, round(activity_expected, 1) AS activity_expected, silent_days,
    earlier_count,
    CASE WHEN earlier_at IS NULL THEN NULL WHEN earlier_count IS NULL THEN 'new'
        WHEN rise > 0 OR (rise = 0 AND verdict <> 'fall'
            AND count >= earlier_count + config.threshold_of('minimum_count')) THEN 'stronger'
        WHEN rise < 0 THEN 'weaker' ELSE 'same' END AS since_earlier
FROM chosen
ORDER BY position;
ALTER TABLE picture.deviation ADD PRIMARY KEY (position);
COMMENT ON TABLE picture.deviation IS
    'One row per deviation or grave count of the last seven days, most notable first.';
