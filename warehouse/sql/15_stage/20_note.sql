-- Public texts known at the moment and not erased since. Which of them may be read is decided in core.
CREATE OR REPLACE VIEW stage.note AS
SELECT n.report_id, n.version, any_value(n.note_public) AS note_public
FROM landed.note AS n, config.moment AS m
WHERE n.ingested_at <= m.moment_at AND NOT n.is_erased AND n.note_public IS NOT NULL
GROUP BY n.report_id, n.version;
COMMENT ON VIEW stage.note IS 'One row per report version with a public text.';
