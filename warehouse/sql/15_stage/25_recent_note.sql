-- The texts that came since the last picture: what is told as news is told with its own.
CREATE OR REPLACE VIEW stage.recent_note AS
SELECT n.report_id, n.version, n.note_public FROM landed.recent_note AS n, config.moment AS m
WHERE n.ingested_at > coalesce(m.previous_moment_at, m.moment_at - INTERVAL 24 HOURS) AND n.ingested_at <= m.moment_at
    AND NOT n.is_erased AND n.note_public IS NOT NULL;
COMMENT ON VIEW stage.recent_note IS 'One row per report version with a public text that came since the last picture.';
