-- The reports of the files that reach into the last eight weeks: all that happened or were heard of in them, and others.
CREATE OR REPLACE VIEW stage.recent_report AS
FROM landed.recent_report;
COMMENT ON VIEW stage.recent_report IS 'One row per report that may belong to the last eight weeks.';
