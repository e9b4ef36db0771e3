-- Tries to hear a source within the same 400 days. An answer with an HTTP status and nothing new in it is a sign of life
-- too; an empty drop folder (no HTTP status) is not.
CREATE OR REPLACE TABLE stage.attempt AS
SELECT DISTINCT
    a.source_id, a.run_id, a.started_at, a.ended_at, a.status, a.cause, a.http_status, a.delivery_count,
    a.status = 'nothing_new' AND coalesce(a.http_status BETWEEN 200 AND 399, FALSE) AS is_sign_of_life
FROM landed.attempt AS a, config.moment AS m
WHERE a.started_at <= m.moment_at AND a.started_at >= m.moment_at - INTERVAL 400 DAYS;
ALTER TABLE stage.attempt ADD PRIMARY KEY (source_id, run_id, started_at);
COMMENT ON TABLE stage.attempt IS 'One row per try to hear a source in the last 400 days by the moment.';
