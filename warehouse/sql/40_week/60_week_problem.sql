-- The problem of the week, by rule: the clearest signal of an area and category in section 5; where there is none, the clearest
-- to watch; else the first place of section 6 where one kind of thing repeats itself. Place, object and time are counted;
-- of persons the picture knows nothing and never will, so that side is a question to those who do.
-- hypothesis: place – at least half of them (three or more) at one place; time – at least half of those with a known hour
-- (three or more) in one watch; place_time – both; spread – neither; too_few – under three in all.
-- What a source too new to compare told of is in no signal, and so not in the count of its problem.
CREATE OR REPLACE TABLE picture.week_problem AS
WITH candidate AS (
    SELECT 1 AS rule_order, 'signal' AS rule, position, query_id AS because_id, area_id, area_name, category, category_sv,
        category_en, NULL AS place_id, normal_low, normal_high
    FROM picture.deviation WHERE verdict = 'signal' AND level = 'cell'
    UNION ALL SELECT 2, 'watch', position, query_id, area_id, area_name, category, category_sv, category_en, NULL,
        normal_low, normal_high FROM picture.deviation WHERE verdict = 'watch' AND level = 'cell'
    UNION ALL SELECT 3, 'repeat', position, query_id, NULL, area_name, NULL, NULL, NULL, place_id, NULL, NULL
    FROM picture.focus_place WHERE is_repeat
), chosen AS (
    SELECT * FROM candidate ORDER BY rule_order, position LIMIT 1
), row_of AS (
    SELECT i.*, c.category_sv, c.category_en, p.place_name, p.publicness AS place_publicness
    FROM chosen AS h
    JOIN core.incident AS i ON CASE WHEN h.place_id IS NULL THEN i.period = 0 AND i.area_id = h.area_id
        AND i.category = h.category AND i.source_id NOT IN (SELECT source_id FROM core.source_history WHERE history = 'new')
        ELSE i.period BETWEEN 0 AND 3 AND i.place_id = h.place_id END
    LEFT JOIN config.category AS c ON c.category = i.category
    LEFT JOIN config.place AS p ON p.place_id = i.place_id AND NOT i.is_person_sensitive
), top AS (
    SELECT
        (SELECT count(*) FROM row_of)::INTEGER AS count,
        (SELECT count(*) FROM row_of WHERE local_hour IS NOT NULL)::INTEGER AS timed_count,
        (SELECT {'name': place_name, 'n': count(*)} FROM row_of WHERE place_publicness IN ('public', 'semi_public')
            GROUP BY place_name ORDER BY count(*) DESC, place_name LIMIT 1) AS place,
        (SELECT {'watch': local_hour // 3, 'n': count(*)} FROM row_of WHERE local_hour IS NOT NULL
            GROUP BY local_hour // 3 ORDER BY count(*) DESC, local_hour // 3 LIMIT 1) AS watch,
        (SELECT {'sv': category_sv, 'en': category_en, 'n': count(*)} FROM row_of
            GROUP BY category, category_sv, category_en ORDER BY count(*) DESC, category LIMIT 1) AS object
), judged AS (
    SELECT *, place.n >= 3 AND 2 * place.n >= count AS is_place, watch.n >= 3 AND 2 * watch.n >= timed_count AS is_time
    FROM top
)
SELECT 1 AS position, 'v11.1' AS query_id, h.rule, h.because_id, h.area_name, h.place_id, h.area_id, h.category,
    t.count, h.normal_low, h.normal_high, t.place.name AS place_name, t.place.n::INTEGER AS place_count,
    t.object.sv AS category_sv, t.object.en AS category_en, t.object.n::INTEGER AS object_count,
    lpad((3 * t.watch.watch)::VARCHAR, 2, '0') || '–' || lpad((3 * t.watch.watch + 3)::VARCHAR, 2, '0') AS watch_label,
    t.watch.n::INTEGER AS watch_hits, t.timed_count,
    CASE WHEN t.count < 3 THEN 'too_few' WHEN t.is_place AND t.is_time THEN 'place_time' WHEN t.is_place THEN 'place'
        WHEN t.is_time THEN 'time' ELSE 'spread' END AS hypothesis
FROM chosen AS h CROSS JOIN judged AS t;
ALTER TABLE picture.week_problem ADD PRIMARY KEY (position);
COMMENT ON TABLE picture.week_problem IS 'One row per problem of the week: one, or none.';
