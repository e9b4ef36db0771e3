-- §3 The same in numbers. Where no register of insatser was ever heard nothing was counted: unknown, not nought.
CREATE OR REPLACE TABLE picture.due_total AS
SELECT r.status AS register_status, r.last_received_at AS register_read_at,
    CASE WHEN r.is_known THEN count(d.position) FILTER (WHERE d.due_state = 'overdue') END::INTEGER AS overdue_count,
    CASE WHEN r.is_known THEN count(d.position) FILTER (WHERE d.due_state = 'due') END::INTEGER AS due_today_count,
    CASE WHEN r.is_known THEN count(d.position) FILTER (WHERE d.due_state IN ('done', 'not_done')) END::INTEGER
        AS came_out_count
FROM core.register_state AS r LEFT JOIN picture.due_insats AS d ON TRUE
WHERE r.register = 'insats'
GROUP BY r.status, r.last_received_at, r.is_known;
ALTER TABLE picture.due_total ADD PRIMARY KEY (register_status);
COMMENT ON TABLE picture.due_total IS 'One row per picture: how many insatser are overdue, due, and came out.';
