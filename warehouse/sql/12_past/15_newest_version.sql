-- What each report said then, withdrawn ones too. The versions of a report are numbered without gaps in the order they
-- came, so one was the newest when the next number was not known: an anti-join on equal keys, a quarter of the cost of
-- looking for any higher number and a tenth of numbering every row again.
CREATE OR REPLACE VIEW stage.newest_version AS
SELECT v.* FROM stage.known_version AS v
ANTI JOIN (SELECT report_id, version - 1 AS version FROM stage.known_version WHERE version > 1) AS newer
    ON newer.report_id = v.report_id AND newer.version = v.version;
COMMENT ON VIEW stage.newest_version IS 'One row per report known at the moment: its newest version.';
