-- §8 In numbers. Nought only where a register was heard.
CREATE OR REPLACE TABLE picture.effort_total AS
WITH heard AS (
    SELECT bool_or(is_known) AS is_known, max(last_received_at) AS register_read_at
    FROM core.register_state WHERE register IN ('insats', 'resource')
)
SELECT h.register_read_at,
    CASE WHEN h.is_known THEN (SELECT count(*) FROM picture.effort) END::INTEGER AS effort_count,
    CASE WHEN h.is_known THEN (SELECT count(*) FROM picture.focus_cover WHERE cover = 'none') END::INTEGER AS gap_count,
    (SELECT moment_at FROM config.moment) AS moment_at
FROM heard AS h;
ALTER TABLE picture.effort_total ADD PRIMARY KEY (moment_at);
COMMENT ON TABLE picture.effort_total IS 'One row per picture: how many are out today, and how many focus places nobody covers.';
