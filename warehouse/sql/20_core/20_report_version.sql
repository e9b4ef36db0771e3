-- Everything known at the moment, every version, for whoever asks what was believed when.
CREATE OR REPLACE TABLE core.report_version AS
SELECT * FROM stage.report_version;
ALTER TABLE core.report_version ADD PRIMARY KEY (report_id, version);
COMMENT ON TABLE core.report_version IS 'One row per report version known at the moment.';
