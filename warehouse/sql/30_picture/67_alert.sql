-- VMA that stands now, above everything else: the sheet's 0.5 and on. The newest first.
CREATE OR REPLACE TABLE picture.alert AS
WITH placed AS (
    SELECT *, row_number() OVER (ORDER BY sent_at DESC NULLS LAST, entry_id)::INTEGER AS nth FROM core.public_alert
)
SELECT p.nth AS position, '0.' || (p.nth + 5) AS query_id, p.entry_id, p.alert_topic, p.alert_advice, p.alert_severity,
    p.warned_area_sv, p.reach, p.sent_at, p.expires_at,
    coalesce(p.first_seen_at > m.previous_moment_at, FALSE) AS is_new
FROM placed AS p, config.moment AS m ORDER BY position;
ALTER TABLE picture.alert ADD PRIMARY KEY (position);
COMMENT ON TABLE picture.alert IS 'One row per message of VMA that stands for the municipality.';
