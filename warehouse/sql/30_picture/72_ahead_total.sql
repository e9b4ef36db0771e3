-- §7 Darkness tonight, and whether the registers behind the section were heard.
CREATE OR REPLACE TABLE picture.ahead_total AS
SELECT d.local_day AS today, c.sunset, c.dark_from, n.dark_until, c.light,
    (SELECT is_known FROM core.register_state WHERE register = 'planned_event') AS is_event_known,
    (SELECT is_known FROM core.register_state WHERE register = 'school_holiday') AS is_school_known,
    CASE WHEN (SELECT is_known FROM core.register_state WHERE register = 'planned_event')
        THEN (SELECT count(*) FROM picture.ahead WHERE ahead_kind = 'planned_event') END::INTEGER AS event_count,
    (SELECT min(local_day) FROM config.calendar_day WHERE is_pay_day AND local_day >= d.local_day) AS next_pay_day
FROM core.local_day AS d
LEFT JOIN config.calendar_day AS c ON c.local_day = d.local_day
LEFT JOIN config.calendar_day AS n ON n.local_day = d.local_day + 1
WHERE d.days_ago = 0;
ALTER TABLE picture.ahead_total ADD PRIMARY KEY (today);
COMMENT ON TABLE picture.ahead_total IS 'One row per picture: tonight''s darkness, and what section 7 stands on.';
