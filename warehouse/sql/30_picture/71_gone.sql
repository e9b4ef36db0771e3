-- Sections 5 and 6: what the earlier picture listed and this one does not, each with what it counts now and why it went.
--   within     tested today, and chance explains it         fewer      under what lists a place
--   untested   nobody was heard: gone from the list, perhaps not from the street
--   displaced  still enough to be listed, but others have more
--   unlisted   its area, category or place is no longer in the settings, or may no longer be named
-- A fall is another thing than a rise of the same count, so it goes when the rise comes.
CREATE OR REPLACE TABLE picture.gone AS
WITH deviation AS (
    SELECT 5 AS section, e.level, e.area_id, e.category, NULL AS place_id,
        coalesce(e.area_name, 'hela kommunen') || ' · ' || coalesce(lower(e.category_sv), 'alla kategorier') AS label_sv,
        coalesce(e.area_name, 'the whole municipality') || ' · ' || coalesce(lower(e.category_en), 'all categories')
            AS label_en,
        e.count AS earlier_count, t.count, t.normal_low, t.normal_high,
        CASE WHEN t.level IS NULL THEN 'unlisted' WHEN t.is_tested THEN 'within' ELSE 'untested' END AS gone_reason
    FROM stage.earlier_deviation AS e
    LEFT JOIN core.deviation_test AS t ON t.level = e.level AND t.area_key = coalesce(e.area_id, '*')
        AND t.category_key = coalesce(e.category, '*')
    WHERE NOT EXISTS (
        SELECT 1 FROM picture.deviation AS d
        WHERE d.level = e.level AND d.area_id IS NOT DISTINCT FROM e.area_id
            AND d.category IS NOT DISTINCT FROM e.category AND (d.verdict = 'fall') = (e.verdict = 'fall'))
), here AS (
    SELECT place_id, count(*)::INTEGER AS count_28d FROM core.incident
    WHERE period BETWEEN 0 AND 3 AND NOT is_person_sensitive AND place_id IS NOT NULL GROUP BY place_id
), hearing AS (
    SELECT coalesce(bool_or(heard_days > 0), FALSE) AS is_heard FROM core.source_period WHERE period BETWEEN 0 AND 3
), place AS (
    SELECT 6 AS section, NULL AS level, NULL AS area_id, NULL AS category, e.place_id,
        CASE WHEN p.publicness = 'private' THEN 'en plats som inte längre får nämnas' ELSE e.place_name END AS label_sv,
        CASE WHEN p.publicness = 'private' THEN 'a place that may no longer be named' ELSE e.place_name END AS label_en,
        e.count_28d AS earlier_count,
        CASE WHEN h.count_28d IS NOT NULL OR v.is_heard THEN coalesce(h.count_28d, 0) END AS count,
        NULL::INTEGER AS normal_low, NULL::INTEGER AS normal_high,
        CASE WHEN p.place_id IS NULL OR p.publicness NOT IN ('public', 'semi_public') THEN 'unlisted'
            WHEN h.count_28d IS NULL AND NOT v.is_heard THEN 'untested'
            WHEN h.count_28d >= config.threshold_of('repeat_count') THEN 'displaced' ELSE 'fewer' END AS gone_reason
    FROM stage.earlier_place AS e
    CROSS JOIN hearing AS v
    LEFT JOIN config.place AS p ON p.place_id = e.place_id
    LEFT JOIN here AS h ON h.place_id = e.place_id
    WHERE NOT EXISTS (SELECT 1 FROM picture.focus_place AS f WHERE f.place_id = e.place_id)
), placed AS (
    SELECT *, row_number() OVER (PARTITION BY section ORDER BY earlier_count DESC, label_sv, level, place_id)::INTEGER
        + CASE section WHEN 5 THEN (SELECT count(*) FROM picture.deviation)
            ELSE (SELECT count(*) FROM picture.focus_place) END::INTEGER AS nth
    FROM (SELECT * FROM deviation UNION ALL SELECT * FROM place)
)
SELECT section, nth AS position, section || '.' || nth AS query_id, level, area_id, category, place_id, label_sv, label_en,
    earlier_count, count, normal_low, normal_high, gone_reason
FROM placed ORDER BY section, position;
ALTER TABLE picture.gone ADD PRIMARY KEY (query_id);
COMMENT ON TABLE picture.gone IS 'One row per deviation or place in focus that the earlier picture listed and this one does not.';
