-- Which version of each report was the newest by the moment: the one whose next number was not known. (As a join on
-- distinct keys, so that a question that does not ask for is_current does not pay for it.)
CREATE OR REPLACE VIEW stage.report_version AS
SELECT known.*, newer.report_id IS NULL AS is_current
FROM stage.known_version AS known
LEFT JOIN (
    SELECT DISTINCT report_id, version - 1 AS version FROM stage.known_version WHERE version > 1
) AS newer ON newer.report_id = known.report_id AND newer.version = known.version;
COMMENT ON VIEW stage.report_version IS 'One row per report version known at the moment, and whether it is the newest.';
