-- The same in numbers. Where no register of insatser was ever heard nothing was counted: unknown, not nought.
CREATE OR REPLACE TABLE picture.week_insats_total AS
SELECT r.is_known,
    CASE WHEN r.is_known THEN count(i.position) FILTER (WHERE i.week_state = 'overdue') END::INTEGER AS overdue_count,
    CASE WHEN r.is_known THEN count(i.position) FILTER (WHERE i.week_state = 'ongoing') END::INTEGER AS ongoing_count,
    CASE WHEN r.is_known THEN count(i.position) FILTER (WHERE i.week_state IN ('done', 'not_done')) END::INTEGER
        AS came_out_count
FROM core.register_state AS r LEFT JOIN picture.week_insats AS i ON TRUE
WHERE r.register = 'insats' GROUP BY r.is_known;
ALTER TABLE picture.week_insats_total ADD PRIMARY KEY (is_known);
COMMENT ON TABLE picture.week_insats_total IS 'One row per picture: insatser overdue, going on, and come out.';
