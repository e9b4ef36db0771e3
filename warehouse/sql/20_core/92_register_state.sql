-- Whether a register is known, and since when. An empty section means "nothing" only where its register was heard.
--   absent  no feed is set up for it       never  none of its feeds was ever heard
--   fresh, late, down                      as the best heard of its feeds (core.feed_state)
CREATE OR REPLACE TABLE core.register_state AS
WITH register AS (
    SELECT unnest(['insats', 'planned_event', 'school_holiday', 'resource', 'safety_walk', 'assessment',
        'weather_warning', 'public_alert']) AS register
), heard AS (
    SELECT f.register, max(s.last_received_at) AS last_received_at,
        ['never', 'down', 'late', 'fresh'][max(list_position(['never', 'down', 'late', 'fresh'], s.status))] AS status
    FROM config.feed AS f JOIN core.feed_state AS s ON s.source_id = f.source_id
    WHERE f.register IS NOT NULL GROUP BY f.register
)
SELECT r.register, coalesce(h.status, 'absent') AS status, coalesce(h.status, 'absent') NOT IN ('absent', 'never') AS is_known,
    h.last_received_at
FROM register AS r LEFT JOIN heard AS h ON h.register = r.register;
ALTER TABLE core.register_state ADD PRIMARY KEY (register);
COMMENT ON TABLE core.register_state IS 'One row per register: is it known at the moment.';
