-- Followed-up insatser: of those done in the last eight weeks, incidents of their category at their place (or in their area)
-- while they ran, against as many days before, beside the rest of the municipality in the same two spans. Both usual
-- measures, since they suppose different things and may disagree: the weighted displacement difference (T1−T0)−(C1−C0)
-- with variance φ·(sum of the counts), and the ratio (T1/T0)/(C1/C0) with log variance φ·Σ1/n; 95 % intervals.
-- least_decrease is the fall that could have been seen at all (power 80 %), d = 2.8·√(2T0 + 2C0 − d): where it is more than
-- there was, nothing can be concluded. Only sources heard every day of both spans are counted.
--   no_ground  no category, place or days to count by     no_source  no source was heard throughout
--   sensitive  a kind that is told for the municipality and the week at the finest
--   too_long   single places are told of for eight weeks  too_few    no fall could have been seen
--   undecided  neither interval leaves out "no change"    points_*   one does          supports_*  both do
CREATE OR REPLACE TABLE picture.week_followed AS
WITH done AS (
    SELECT i.entry_id, i.source_key, i.problem, i.place_id, i.area_id, coalesce(i.place_name, i.area_name) AS place_label,
        i.category, i.category_sv, i.category_en, i.indicator, i.outcome, i.start_day, i.stop_day,
        (i.stop_day - i.start_day + 1)::INTEGER AS days, t.local_day AS today,
        c.finest_precision
    FROM core.insats AS i JOIN core.local_day AS t ON t.days_ago = 0
    LEFT JOIN config.category AS c ON c.category = i.category
    WHERE i.insats_state = 'done' AND i.stop_day BETWEEN t.local_day - 56 AND t.local_day - 1
), heard AS (
    SELECT d.entry_id, f.source_id, bool_and(f.is_heard) AND count(*) = 2 * any_value(d.days) AS is_throughout
    FROM done AS d
    JOIN core.feed_day AS f ON f.local_day BETWEEN d.start_day - d.days AND d.stop_day
    JOIN config.feed AS c ON c.source_id = f.source_id AND c.is_trend_source
    GROUP BY d.entry_id, f.source_id
), source AS (
    SELECT entry_id, count(*) FILTER (WHERE is_throughout)::INTEGER AS source_count,
        count(*) FILTER (WHERE NOT is_throughout)::INTEGER AS left_out_sources
    FROM heard GROUP BY entry_id
), told AS (
    SELECT d.entry_id, r.local_day >= d.start_day AS is_during, r.area_key = d.area_id AND d.place_id IS NULL AS is_target,
        sum(r.incident_count) AS n
    FROM done AS d
    JOIN heard AS h ON h.entry_id = d.entry_id AND h.is_throughout
    JOIN core.incident_day AS r ON r.source_id = h.source_id AND r.category = d.category
        AND r.local_day BETWEEN d.start_day - d.days AND d.stop_day
    GROUP BY ALL
), at_place AS (
    SELECT d.entry_id, i.local_day >= d.start_day AS is_during, count(*) AS n
    FROM done AS d
    JOIN heard AS h ON h.entry_id = d.entry_id AND h.is_throughout
    JOIN core.incident AS i ON i.source_id = h.source_id AND i.category = d.category AND i.place_id = d.place_id
        AND i.local_day BETWEEN d.start_day - d.days AND d.stop_day
    GROUP BY ALL
), counted AS (  -- an insats at a place is counted by its reports, and is in the municipality's days as well
    SELECT entry_id,
        sum(n) FILTER (WHERE is_target AND NOT is_during) AS t0, sum(n) FILTER (WHERE is_target AND is_during) AS t1,
        sum(n) FILTER (WHERE is_all AND NOT is_during) AS m0, sum(n) FILTER (WHERE is_all AND is_during) AS m1
    FROM (SELECT *, TRUE AS is_all FROM told UNION ALL SELECT entry_id, is_during, TRUE, n, FALSE FROM at_place)
    GROUP BY entry_id
), varying AS (
    SELECT category_key, max(dispersion) AS dispersion FROM core.deviation_test WHERE level = 'category' GROUP BY category_key
), measured AS (
    SELECT d.*, coalesce(c.t0, 0) AS t0, coalesce(c.t1, 0) AS t1, coalesce(c.m0, 0) - coalesce(c.t0, 0) AS c0,
        coalesce(c.m1, 0) - coalesce(c.t1, 0) AS c1, coalesce(s.source_count, 0) AS source_count,
        coalesce(s.left_out_sources, 0) AS left_out_sources, greatest(1, coalesce(v.dispersion, 1)) AS phi
    FROM done AS d
    LEFT JOIN counted AS c ON c.entry_id = d.entry_id
    LEFT JOIN source AS s ON s.entry_id = d.entry_id
    LEFT JOIN varying AS v ON v.category_key = d.category
), judged AS (
    SELECT *, (t1 - t0) - (c1 - c0) AS difference, 1.96 * sqrt(phi * (t0 + t1 + c0 + c1)) AS half,
        CASE WHEN least(t0, t1, c0, c1) > 0 THEN ln(t1 * c0 / (t0 * c1)) END AS log_ratio,
        CASE WHEN least(t0, t1, c0, c1) > 0 THEN 1.96 * sqrt(phi * (1 / t0 + 1 / t1 + 1 / c0 + 1 / c1)) END AS log_half,
        (sqrt(pow(2.8, 4) + 8 * pow(2.8, 2) * (t0 + c0)) - pow(2.8, 2)) / 2 AS least
    FROM measured
), said AS (
    SELECT *,
        CASE WHEN category IS NULL OR start_day IS NULL OR coalesce(place_id, area_id) IS NULL THEN 'no_ground'
            WHEN finest_precision IN ('kommun', 'lan') THEN 'sensitive'
            WHEN place_id IS NOT NULL AND start_day - days < today - 56 THEN 'too_long'
            WHEN source_count = 0 THEN 'no_source'
            WHEN least > t0 THEN 'too_few'
            WHEN difference + half < 0 AND log_ratio + log_half < 0 THEN 'supports_less'
            WHEN difference - half > 0 AND log_ratio - log_half > 0 THEN 'supports_more'
            WHEN difference + half < 0 OR log_ratio + log_half < 0 THEN 'points_less'
            WHEN difference - half > 0 OR log_ratio - log_half > 0 THEN 'points_more'
            ELSE 'undecided' END AS followed_verdict
    FROM judged
), placed AS (
    SELECT *, followed_verdict NOT IN ('no_ground', 'sensitive', 'too_long', 'no_source') AS is_counted,
        row_number() OVER (ORDER BY stop_day DESC, entry_id)::INTEGER AS nth
    FROM said
)
SELECT nth AS position, 'v10.' || nth AS query_id, entry_id, source_key, problem, place_label, place_id, area_id, category,
    category_sv, category_en, indicator, outcome, start_day, stop_day, days, source_count,
    left_out_sources, followed_verdict,
    CASE WHEN is_counted THEN t0 END::INTEGER AS before_count, CASE WHEN is_counted THEN t1 END::INTEGER AS during_count,
    CASE WHEN is_counted THEN c0 END::INTEGER AS control_before_count,
    CASE WHEN is_counted THEN c1 END::INTEGER AS control_during_count,
    CASE WHEN is_counted THEN ceil(least) END::INTEGER AS least_decrease,
    CASE WHEN is_counted THEN difference END::INTEGER AS difference,
    CASE WHEN is_counted THEN round(difference - half, 1) END AS difference_low,
    CASE WHEN is_counted THEN round(difference + half, 1) END AS difference_high,
    CASE WHEN is_counted THEN round(exp(log_ratio), 2) END AS ratio,
    CASE WHEN is_counted THEN round(exp(log_ratio - log_half), 2) END AS ratio_low,
    CASE WHEN is_counted THEN round(exp(log_ratio + log_half), 2) END AS ratio_high
FROM placed ORDER BY position;
ALTER TABLE picture.week_followed ADD PRIMARY KEY (position);
COMMENT ON TABLE picture.week_followed IS 'One row per insats done in the last eight weeks: its category before and while it ran.';
