-- What is out in numbers. Nought only while the source is heard: a silent source is no calm. What it told before it fell
-- silent is shown, and counted, as what was last known.
CREATE OR REPLACE TABLE picture.warning_total AS
WITH state AS (
    SELECT register, status IN ('fresh', 'late') AS is_heard FROM core.register_state
), counted AS (
    SELECT (SELECT count(*) FROM picture.warning) AS warning_count, (SELECT count(*) FROM picture.alert) AS alert_count,
        (SELECT count(*) FROM core.ended_warning) AS ended_early_count
)
SELECT m.moment_at,
    CASE WHEN w.is_heard OR c.warning_count > 0 THEN c.warning_count END::INTEGER AS warning_count,
    CASE WHEN w.is_heard THEN c.ended_early_count END::INTEGER AS ended_early_count,
    CASE WHEN a.is_heard OR c.alert_count > 0 THEN c.alert_count END::INTEGER AS alert_count
FROM config.moment AS m
CROSS JOIN counted AS c
JOIN state AS w ON w.register = 'weather_warning'
JOIN state AS a ON a.register = 'public_alert';
ALTER TABLE picture.warning_total ADD PRIMARY KEY (moment_at);
COMMENT ON TABLE picture.warning_total IS 'One row per picture: how many weather warnings and messages of VMA are out.';
