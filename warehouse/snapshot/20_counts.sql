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
COMMENT ON MACRO core.shown IS 'The count, or NULL where it is 1 to 4 and may not be told outside the house. A total beside several can give them away: see area_counts_public.';
CREATE OR REPLACE MACRO core.area_counts_public(from_day, until_day) AS TABLE
    WITH ranked AS (
        SELECT *, row_number() OVER up AS nth, min(count) OVER () AS least_count,
            coalesce(sum(count) OVER (up ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS sum_before
        FROM core.area_counts(from_day, until_day)
        WINDOW up AS (ORDER BY count, area_id NULLS LAST)
    )
    -- Nought is hidden like 1 to 4: were it shown, two hidden ones that sum to eight would be four and four. Who knows the
    -- total knows what the hidden ones sum to, so they are two at least and sum to five at least.
    SELECT area_id, area_name, CASE WHEN NOT is_hidden THEN count END AS count, is_hidden
    FROM (SELECT *, count < 5 OR (least_count < 5 AND (nth = 2 OR sum_before < 5)) AS is_hidden FROM ranked)
    ORDER BY area_id NULLS LAST;
COMMENT ON MACRO TABLE core.area_counts_public IS
    'One row per area: its incidents, hidden where they are under five, nought as well, and as many more as it takes that the total gives none away. Two asked spans that overlap can: give out only one.';
CREATE OR REPLACE MACRO core.metres(latitude_1, longitude_1, latitude_2, longitude_2) AS
    2 * 6371000 * asin(sqrt(pow(sin(radians(latitude_2 - latitude_1) / 2), 2)
        + cos(radians(latitude_1)) * cos(radians(latitude_2)) * pow(sin(radians(longitude_2 - longitude_1) / 2), 2)));
COMMENT ON MACRO core.metres IS 'Metres between two points, along the sphere.';
