-- §6 Platser i fokus: the places with most incidents in 28 whole days, among those that may be named.
-- A place enters with at least repeat_count incidents in 28 days, or by the repeat rule: as many of one category
-- family within repeat_days (small build-ups that no weekly test would see).
-- persistence, over the last eight weeks:  new – nothing in the 28 days before;  persistent – incidents in at least
-- 7 of 8 weeks (80 %, the usual rule for a persistent hot spot);  fading – at most half of the 28 days before;
-- intermittent – the rest.
-- since_earlier, against the earlier picture's list: new, stronger (as many more in seven days as make a repeat), same.
-- The time window is given only from five incidents with a known hour, three of them in it: else it is an anecdote.
CREATE OR REPLACE TABLE picture.focus_place AS
WITH here AS (
    SELECT i.*, d.days_ago
    FROM core.incident AS i JOIN core.local_day AS d ON d.local_day = i.local_day
    WHERE i.place_id IS NOT NULL AND NOT i.is_person_sensitive AND d.days_ago BETWEEN 1 AND 56
), counted AS (
    SELECT place_id,
        count(*) FILTER (WHERE days_ago <= 7)::INTEGER AS count_7d,
        count(*) FILTER (WHERE days_ago <= 28)::INTEGER AS count_28d,
        count(*) FILTER (WHERE days_ago > 28)::INTEGER AS count_previous_28d,
        count(DISTINCT period) AS active_weeks
    FROM here GROUP BY place_id
), repeated AS (
    SELECT DISTINCT place_id FROM (
        SELECT place_id, family FROM here WHERE days_ago <= config.threshold_of('repeat_days')
        GROUP BY place_id, family HAVING count(*) >= config.threshold_of('repeat_count'))
), watch_hit AS (
    SELECT place_id, local_weekday BETWEEN 1 AND 4 AS is_week, local_hour // 3 AS watch, count(*) AS hits
    FROM here WHERE days_ago <= 28 AND local_hour IS NOT NULL GROUP BY ALL
), window_of AS (
    SELECT place_id, sum(hits) AS timed,
        arg_max({'is_week': is_week, 'watch': watch, 'hits': hits}, (hits, -watch, is_week)) AS top
    FROM watch_hit GROUP BY place_id
), fault AS (
    SELECT t.open_place_id AS place_id, sum(t.standing_count)::INTEGER AS open_count,
        string_agg(DISTINCT c.category_sv, '; ' ORDER BY c.category_sv) AS categories_sv,
        string_agg(DISTINCT c.category_en, '; ' ORDER BY c.category_en) AS categories_en
    FROM core.standing_total AS t LEFT JOIN config.category AS c ON c.category = t.category
    WHERE t.open_place_id IS NOT NULL
    GROUP BY t.open_place_id
), hearing AS (  -- nought of seven days nobody was heard about is unknown
    SELECT coalesce(bool_or(heard_days > 0), FALSE) AS is_heard FROM core.source_period WHERE period = 0
), walked AS (  -- points of safety walks at the place that are not mended
    SELECT place_id, count(*)::INTEGER AS open_count FROM core.walk_point
    WHERE place_id IS NOT NULL AND walk_state IN ('overdue', 'open') GROUP BY place_id
), asked AS (  -- no fault known is not the same as nobody to ask
    SELECT coalesce(bool_or(role = 'municipal' AND status <> 'never'), FALSE) AS has_faults FROM core.feed_state
), ranked AS (
    SELECT c.*, p.place_name, a.area_name, r.place_id IS NOT NULL AS is_repeat,
        row_number() OVER (ORDER BY c.count_28d DESC, c.count_7d DESC, c.place_id)::INTEGER AS nth
    FROM counted AS c
    JOIN config.place AS p ON p.place_id = c.place_id AND p.publicness IN ('public', 'semi_public')
    LEFT JOIN config.area AS a ON a.area_id = p.area_id
    LEFT JOIN repeated AS r ON r.place_id = c.place_id
    WHERE c.count_28d >= config.threshold_of('repeat_count') OR r.place_id IS NOT NULL
)
SELECT
    k.nth AS position, '6.' || k.nth AS query_id, k.place_id, k.place_name, k.area_name,
    CASE WHEN k.count_7d > 0 OR h.is_heard THEN k.count_7d END AS count_7d, k.count_28d, k.count_previous_28d,
    CASE WHEN k.count_previous_28d = 0 THEN 'new'
        WHEN k.active_weeks >= 7 THEN 'persistent'
        WHEN 2 * k.count_28d <= k.count_previous_28d THEN 'fading'
        ELSE 'intermittent' END AS persistence,
    CASE WHEN w.timed >= 5 AND w.top.hits >= 3 THEN CASE WHEN w.top.is_week THEN 'mån–tors' ELSE 'fre–sön' END || ' '
        || lpad((3 * w.top.watch)::VARCHAR, 2, '0') || '–' || lpad((3 * w.top.watch + 3)::VARCHAR, 2, '0')
        || ' (' || w.top.hits || ' av ' || w.timed || ')' END AS window_label_sv,
    CASE WHEN w.timed >= 5 AND w.top.hits >= 3 THEN CASE WHEN w.top.is_week THEN 'Mon–Thu' ELSE 'Fri–Sun' END || ' '
        || lpad((3 * w.top.watch)::VARCHAR, 2, '0') || '–' || lpad((3 * w.top.watch + 3)::VARCHAR, 2, '0')
        || ' (' || w.top.hits || ' of ' || w.timed || ')' END AS window_label_en,
    '6.' || (100 + k.nth) AS fault_query_id, CASE WHEN q.has_faults THEN coalesce(f.open_count, 0) END AS open_fault_count,
    f.categories_sv AS open_fault_categories_sv, f.categories_en AS open_fault_categories_en,
    CASE WHEN (SELECT is_known FROM core.register_state WHERE register = 'safety_walk')
        THEN coalesce(u.open_count, 0) END AS open_walk_count,
    k.is_repeat, e.count_7d AS earlier_count,
    CASE WHEN b.earlier_at IS NULL THEN NULL WHEN e.place_id IS NULL THEN 'new'
        WHEN k.count_7d >= e.count_7d + config.threshold_of('repeat_count') THEN 'stronger' ELSE 'same' END AS since_earlier
FROM ranked AS k
CROSS JOIN asked AS q
CROSS JOIN picture.earlier AS b
CROSS JOIN hearing AS h
LEFT JOIN stage.earlier_place AS e ON e.place_id = k.place_id
LEFT JOIN window_of AS w ON w.place_id = k.place_id
LEFT JOIN fault AS f ON f.place_id = k.place_id
LEFT JOIN walked AS u ON u.place_id = k.place_id
WHERE k.nth <= config.threshold_of('focus_places_max')
ORDER BY position;
ALTER TABLE picture.focus_place ADD PRIMARY KEY (position);
COMMENT ON TABLE picture.focus_place IS 'One row per place in focus, most incidents first.';
