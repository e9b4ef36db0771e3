-- §3 The same in numbers. Where no register of walks was ever heard nothing was counted: unknown, not nought.
CREATE OR REPLACE TABLE picture.walk_total AS
SELECT r.status AS register_status, r.last_received_at AS register_read_at,
    CASE WHEN r.is_known THEN count(w.position) FILTER (WHERE w.walk_state = 'overdue') END::INTEGER AS walk_overdue_count,
    CASE WHEN r.is_known THEN count(w.position) END::INTEGER AS walk_open_count
FROM core.register_state AS r LEFT JOIN picture.walk_point AS w ON TRUE
WHERE r.register = 'safety_walk'
GROUP BY r.status, r.last_received_at, r.is_known;
ALTER TABLE picture.walk_total ADD PRIMARY KEY (register_status);
COMMENT ON TABLE picture.walk_total IS 'One row per picture: how many points of safety walks are not mended, and overdue.';
