-- What had reached us by the moment: here all there is, since nothing in the lake is newer.
CREATE OR REPLACE VIEW stage.known_version AS
FROM landed.report_version;
COMMENT ON VIEW stage.known_version IS 'One row per report version known at the moment.';
