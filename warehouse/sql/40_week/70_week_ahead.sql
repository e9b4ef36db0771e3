-- Fourteen days ahead: holidays and pay-days, school holidays, planned events, and insatser that begin or are to be done.
-- What lasts several days is one row, of its first day that is still to come.
CREATE OR REPLACE TABLE picture.week_ahead AS
WITH span AS (SELECT local_day AS today, local_day + 14 AS last_day FROM core.local_day WHERE days_ago = 0
), listed AS (
    SELECT c.local_day, NULL::DATE AS until_day, 1 AS kind_order, 'holiday' AS ahead_kind, NULL AS entry_id,
        c.holiday_sv AS title_sv, c.holiday_en AS title_en, NULL AS place_label, NULL AS owner_name, NULL AS clock_from,
        NULL AS clock_until, NULL::INTEGER AS visitor_count, FALSE AS is_called_off
    FROM config.calendar_day AS c, span AS s WHERE c.holiday_sv IS NOT NULL AND c.local_day BETWEEN s.today AND s.last_day
    UNION ALL SELECT c.local_day, NULL, 2, 'pay_day', NULL, 'Löning', 'Pay-day', NULL, NULL, NULL, NULL, NULL, FALSE
    FROM config.calendar_day AS c, span AS s WHERE c.is_pay_day AND c.local_day BETWEEN s.today AND s.last_day
    UNION ALL SELECT greatest(h.start_day, s.today), nullif(h.stop_day, greatest(h.start_day, s.today)), 3,
        'school_holiday', h.entry_id, h.title, h.title, NULL, NULL, NULL, NULL, NULL, FALSE
    FROM stage.school_holiday AS h, span AS s WHERE h.start_day <= s.last_day AND h.stop_day >= s.today
    UNION ALL SELECT greatest(e.start_day, s.today), nullif(e.stop_day, greatest(e.start_day, s.today)), 4,
        'planned_event', e.entry_id, e.title, e.title, coalesce(p.place_name, a.area_name), NULL, e.clock_from,
        e.clock_until, e.visitor_count, coalesce(e.plan_status = 'installd', FALSE)
    FROM stage.planned_event AS e CROSS JOIN span AS s
    LEFT JOIN config.place AS p ON p.place_id = e.place_id
    LEFT JOIN config.area AS a ON a.area_id = e.area_id
    WHERE e.start_day <= s.last_day AND coalesce(e.stop_day, e.start_day) >= s.today
    UNION ALL SELECT i.start_day, i.stop_day, 5, 'insats_start', i.entry_id, i.problem, i.problem,
        coalesce(i.place_name, i.area_name), i.owner_name, i.clock_from, i.clock_until, NULL, FALSE
    FROM core.insats AS i, span AS s WHERE i.insats_state = 'planned' AND i.start_day BETWEEN s.today AND s.last_day
    UNION ALL SELECT i.stop_day, NULL, 6, 'insats_due', i.entry_id, i.problem, i.problem,
        coalesce(i.place_name, i.area_name), i.owner_name, NULL, NULL, NULL, FALSE
    FROM core.insats AS i, span AS s
    WHERE i.insats_state IN ('ongoing', 'planned') AND i.stop_day BETWEEN s.today AND s.last_day
), placed AS (
    SELECT *, row_number() OVER (ORDER BY local_day, kind_order, clock_from NULLS FIRST, entry_id, title_sv)::INTEGER AS nth
    FROM listed
)
SELECT nth AS position, 'v12.' || (nth + 1) AS query_id, * EXCLUDE (nth, kind_order) FROM placed ORDER BY position;
ALTER TABLE picture.week_ahead ADD PRIMARY KEY (position);
COMMENT ON TABLE picture.week_ahead IS 'One row per thing known of today and the fourteen days after it.';
