-- What stands of VMA for the municipality. A test or an exercise is never among them, and neither is a message of whose
-- kind the source's word is not known (warn_alert_status_unknown). Of what one incident has been told, the newest message
-- stands, and none where that is a cancellation; so does nothing past its own end. A message whose areas cannot be read
-- may well be for us: it stands.
CREATE OR REPLACE TABLE core.public_alert AS
WITH told AS (
    SELECT * FROM stage.public_alert WHERE alert_status = 'actual'
)
SELECT a.entry_id, a.source_id, a.source_key, a.incident_key, a.message_type, a.alert_severity, a.alert_topic,
    a.alert_advice, a.warned_area_sv, a.reach, a.area_codes, a.sent_at, a.expires_at, a.first_seen_at, a.version
FROM told AS a, config.moment AS m
WHERE a.change_kind <> 'withdrawn' AND a.message_type IS DISTINCT FROM 'cancel'
    AND coalesce(a.reach <> 'annat', TRUE) AND coalesce(a.expires_at > m.moment_at, TRUE)
    AND NOT EXISTS (
        SELECT 1 FROM told AS n
        WHERE n.entry_id <> a.entry_id AND n.message_type IN ('update', 'cancel')
            AND (list_contains(string_split(n.refers_to, ','), a.source_key)
                OR (n.incident_key = a.incident_key AND (n.sent_at, n.entry_id) > (a.sent_at, a.entry_id)))
    );
ALTER TABLE core.public_alert ADD PRIMARY KEY (entry_id);
COMMENT ON TABLE core.public_alert IS 'One row per message of VMA that stands for the municipality at the moment.';
