-- §7 I dag och 72 h: what is known of the days ahead, day by day. An event is listed by each day it runs; called off, it
-- is listed as such, since somebody may still come. Pay-day is told from the evening before the weekend it makes: a
-- pay-day on Thursday or Friday, or one that falls within the days shown.
CREATE OR REPLACE TABLE picture.ahead AS
WITH day AS (
    SELECT c.*, (c.local_day - d.local_day)::INTEGER AS days_ahead
    FROM config.calendar_day AS c JOIN core.local_day AS d ON d.days_ago = 0
    WHERE c.local_day BETWEEN d.local_day AND d.local_day + 3
), listed AS (
    SELECT y.local_day, y.days_ahead, 1 AS kind_order, 'holiday' AS ahead_kind, NULL AS entry_id,
        y.holiday_sv AS title_sv, y.holiday_en AS title_en, NULL AS place_name, NULL AS area_name,
        NULL AS clock_from, NULL AS clock_until, NULL::INTEGER AS visitor_count, FALSE AS is_called_off
    FROM day AS y WHERE y.holiday_sv IS NOT NULL
    UNION ALL SELECT y.local_day, y.days_ahead, 2, 'pay_day', NULL, 'Löning', 'Pay-day', NULL, NULL, NULL, NULL, NULL, FALSE
    FROM day AS y WHERE y.is_pay_day
    UNION ALL SELECT y.local_day, y.days_ahead, 3, 'school_holiday', s.entry_id, s.title, s.title, NULL, NULL, NULL, NULL,
        NULL, FALSE
    FROM day AS y JOIN stage.school_holiday AS s ON y.local_day BETWEEN s.start_day AND s.stop_day
    UNION ALL SELECT y.local_day, y.days_ahead, 4, 'planned_event', e.entry_id, e.title, e.title, p.place_name, a.area_name,
        e.clock_from, e.clock_until, e.visitor_count, coalesce(e.plan_status = 'installd', FALSE)
    FROM day AS y JOIN stage.planned_event AS e ON y.local_day BETWEEN e.start_day AND coalesce(e.stop_day, e.start_day)
    LEFT JOIN config.place AS p ON p.place_id = e.place_id
    LEFT JOIN config.area AS a ON a.area_id = e.area_id
), placed AS (
    SELECT *, row_number() OVER (ORDER BY local_day, kind_order, clock_from NULLS FIRST, entry_id, title_sv)::INTEGER AS nth
    FROM listed
)
SELECT nth AS position, '7.' || (nth + 3 + (SELECT count(*) FROM picture.warning)) AS query_id, local_day, days_ahead, ahead_kind, entry_id, title_sv, title_en,
    place_name, area_name, clock_from, clock_until, visitor_count, is_called_off
FROM placed ORDER BY position;
ALTER TABLE picture.ahead ADD PRIMARY KEY (position);
COMMENT ON TABLE picture.ahead IS 'One row per thing known of today and the three days after it.';
