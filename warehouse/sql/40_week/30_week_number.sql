-- The week in numbers: all incidents, each category, each area, and what is told of unsafety (apart from crime), with the
-- twelve weeks and the same week last year. Counted by the daily sheet's rule from the sums by day (core.incident_day, core.report_day).
-- A week in which no source was heard whose reports are counted is unknown, and so is one before the first of them;
-- unsafety is where no source that tells of it was heard.
CREATE OR REPLACE TABLE picture.week_number AS
WITH told AS (  -- unsafety alone is looked for in the lake's files: the days' incidents are counted
    SELECT w.week_ago, r.source_id, r.area_key, r.category, r.counts_as, sum(r.report_count)::INTEGER AS report_count
    FROM (
        SELECT source_id, area_key, category, 'incident' AS counts_as, local_day, incident_count AS report_count
        FROM core.incident_day
        UNION ALL
        SELECT source_id, area_key, category, counts_as, local_day, report_count FROM core.report_day
        WHERE counts_as = 'perception' AND is_ours AND is_trend_source
    ) AS r
    JOIN picture.week_day AS w ON w.local_day = r.local_day
    GROUP BY ALL
), line AS (
    SELECT 'all' AS level, '*' AS key, NULL AS name_sv, NULL AS name_en, NULL::INTEGER AS population, 1 AS place
    UNION ALL SELECT 'perception', '*', NULL, NULL, NULL, 1
    UNION ALL SELECT 'area', area_id, area_name, area_name, population, position FROM config.area
    UNION ALL SELECT DISTINCT 'category', t.category, c.category_sv, c.category_en, NULL, NULL
    FROM told AS t LEFT JOIN config.category AS c ON c.category = t.category
    WHERE t.counts_as = 'incident' AND (t.week_ago < 12 OR t.week_ago = 52)
), known AS (
    SELECT w.week_ago,
        coalesce(min(w.local_day) >= (SELECT history_from_day FROM picture.head)
            AND bool_or(d.is_heard AND f.is_trend_source), FALSE) AS is_known,
        coalesce(bool_or(d.is_heard AND d.source_id IN
            (SELECT source_id FROM told WHERE counts_as = 'perception')), FALSE) AS is_unsafety_known
    FROM picture.week_day AS w
    LEFT JOIN core.feed_day AS d ON d.local_day = w.local_day
    LEFT JOIN config.feed AS f ON f.source_id = d.source_id
    GROUP BY w.week_ago
), heard AS (  -- each line's reports, so that a line meets its own by level, key and week alone
    SELECT CASE WHEN t.counts_as = 'perception' THEN 'perception' WHEN grouping(t.area_key, t.category) = 3 THEN 'all'
            WHEN grouping(t.category) = 1 THEN 'area' ELSE 'category' END AS level,
        CASE grouping(t.area_key, t.category) WHEN 3 THEN '*' WHEN 1 THEN t.area_key ELSE t.category END AS key,
        t.week_ago, sum(t.report_count) AS report_count, sum(t.report_count) FILTER (WHERE s.is_like) AS like_count
    FROM told AS t LEFT JOIN picture.week_source AS s ON s.source_id = t.source_id
    WHERE t.week_ago < 12 OR t.week_ago = 52
    GROUP BY GROUPING SETS ((t.counts_as, t.week_ago), (t.counts_as, t.week_ago, t.area_key),
        (t.counts_as, t.week_ago, t.category))
    HAVING t.counts_as = 'incident' OR grouping(t.area_key, t.category) = 3
), cell AS (
    SELECT l.level, l.key, k.week_ago,
        CASE WHEN CASE l.level WHEN 'perception' THEN k.is_unsafety_known ELSE k.is_known END
            THEN coalesce(h.report_count, 0) END::INTEGER AS count,
        coalesce(h.like_count, 0)::INTEGER AS like_count
    FROM line AS l
    CROSS JOIN known AS k
    LEFT JOIN heard AS h ON h.level = l.level AND h.key = l.key AND h.week_ago = k.week_ago
    WHERE k.week_ago < 12 OR k.week_ago = 52
), summed AS (
    SELECT level, key, list(count ORDER BY week_ago DESC) FILTER (WHERE week_ago < 12) AS weeks,
        max(count) FILTER (WHERE week_ago = 0) AS count,
        CASE WHEN count(count) FILTER (WHERE week_ago BETWEEN 1 AND 4) = 4
            THEN round(sum(count) FILTER (WHERE week_ago BETWEEN 1 AND 4) / 4, 1) END AS mean_4_weeks,
        max(count) FILTER (WHERE week_ago = 52) AS last_year,
        max(like_count) FILTER (WHERE week_ago = 0) AS like_count,
        max(like_count) FILTER (WHERE week_ago = 52) AS like_last_year,
        sum(count) FILTER (WHERE week_ago < 12) AS all_count
    FROM cell GROUP BY level, key
), placed AS (
    SELECT s.*, l.name_sv, l.name_en, l.population, row_number() OVER (PARTITION BY s.level
        ORDER BY l.place NULLS LAST, s.count DESC NULLS LAST, s.all_count DESC NULLS LAST, s.key)::INTEGER AS position
    FROM summed AS s JOIN line AS l ON l.level = s.level AND l.key = s.key
)
SELECT level, position,
    CASE level WHEN 'all' THEN 'v1.' WHEN 'category' THEN 'v3.' WHEN 'area' THEN 'v4.' ELSE 'v8.' END || position
        AS query_id,
    key, name_sv, name_en, population, count, mean_4_weeks, last_year, weeks,
    CASE WHEN (SELECT count(*) FROM picture.week_source WHERE is_like) > 0 THEN like_count END AS like_count,
    CASE WHEN (SELECT count(*) FROM picture.week_source WHERE is_like) > 0 THEN like_last_year END AS like_last_year
FROM placed ORDER BY level, position;
ALTER TABLE picture.week_number ADD PRIMARY KEY (level, key);
COMMENT ON TABLE picture.week_number IS 'One row per count of the weekly picture: all, categories, areas, unsafety.';
