-- Counts and rates. All stand on core.incident, so context, summaries, activity and the police's public notices
-- cannot get in; a rate is given only where the population is known and large enough to carry one.
CREATE OR REPLACE MACRO core.rate_per_1000(count, population) AS
    CASE WHEN population >= (SELECT value FROM reference.threshold WHERE name = 'rate_minimum_population')
        THEN round(1000.0 * count / population, 1) END;
COMMENT ON MACRO core.rate_per_1000 IS 'Per 1,000 inhabitants; NULL where the population is unknown or too small to carry a rate.';
CREATE OR REPLACE MACRO core.area_counts(from_day, until_day) AS TABLE
    WITH counted AS (
        SELECT area_key, count(*)::INTEGER AS count FROM core.incident
        WHERE local_day BETWEEN from_day::DATE AND until_day::DATE GROUP BY area_key
    ), line AS (
        SELECT area_id, area_id AS area_key, area_name, population, position FROM reference.area
        UNION ALL SELECT NULL, '-', NULL, NULL, 1 + (SELECT max(position) FROM reference.area)
    )
    SELECT l.area_id, l.area_name, coalesce(c.count, 0)::INTEGER AS count, l.population,
        core.rate_per_1000(coalesce(c.count, 0), l.population) AS per_1000
    FROM line AS l LEFT JOIN counted AS c ON c.area_key = l.area_key
    ORDER BY l.position, l.area_id;
COMMENT ON MACRO TABLE core.area_counts IS
    'One row per area, and one without area: incidents of the local days, both ends included, and their rate.';
CREATE OR REPLACE MACRO core.shown(count) AS CASE WHEN count = 0 OR count >= 5 THEN count END;
COMMENT ON MACRO core.shown IS 'The count, or NULL where it is 1 to 4 and may not be told outside the house. Totals beside it can give it away: see area_counts_public.';
CREATE OR REPLACE MACRO core.area_counts_public(from_day, until_day) AS TABLE
    WITH counted AS (
        SELECT area_id, area_name, count, count BETWEEN 1 AND 4 AS is_small FROM core.area_counts(from_day, until_day)
    ), ranked AS (
        SELECT *, count(*) FILTER (WHERE is_small) OVER () AS small_count, sum(count) FILTER (WHERE is_small) OVER () AS small_sum,
            row_number() OVER (ORDER BY is_small OR count = 0, count, area_id) AS nth
        FROM counted
    )
    -- One hidden number is the total less the rest, and so are several that sum to little: the smallest of the
    -- others is hidden with them, so that what is hidden together is never under five.
    SELECT area_id, area_name, CASE WHEN NOT is_hidden THEN count END AS count, is_hidden
    FROM (SELECT *, is_small OR (small_count > 0 AND (small_count = 1 OR small_sum < 5) AND nth = 1) AS is_hidden FROM ranked)
    ORDER BY area_id NULLS LAST;
COMMENT ON MACRO TABLE core.area_counts_public IS
    'One row per area: its incidents, hidden where they are 1 to 4, with one more where the total would give a hidden one away.';
CREATE OR REPLACE MACRO core.metres(latitude_1, longitude_1, latitude_2, longitude_2) AS
    2 * 6371000 * asin(sqrt(pow(sin(radians(latitude_2 - latitude_1) / 2), 2)
        + cos(radians(latitude_1)) * cos(radians(latitude_2)) * pow(sin(radians(longitude_2 - longitude_1) / 2), 2)));
COMMENT ON MACRO core.metres IS 'Metres between two points, along the sphere.';
