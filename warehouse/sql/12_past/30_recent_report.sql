-- Those of all reports that are of the last eight weeks are chosen by who asks (core.recent_report).
CREATE OR REPLACE VIEW stage.recent_report AS
FROM stage.report;
COMMENT ON VIEW stage.recent_report IS 'One row per report that may belong to the last eight weeks.';
