-- Everything known at the moment, every version, for whoever asks what was believed when. A view over the lake's own
-- files: a copy of ten years of them took ten times as long as the rest of the picture, every morning anew.
CREATE OR REPLACE VIEW core.report_version AS
SELECT * FROM stage.report_version;
COMMENT ON VIEW core.report_version IS 'One row per report version known at the moment.';
