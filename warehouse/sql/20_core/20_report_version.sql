-- Everything known at the moment, every version, for whoever asks what was believed when. A view over the lake's own
-- files: a copy of ten years of them took ten times as long as the rest of the picture, every morning anew.
-- The fingerprints that told a change stay in the lake: an analyst has no use for them, and a short value could be
-- found from its own by trial.
CREATE OR REPLACE VIEW core.report_version AS
SELECT * EXCLUDE (field_names, field_fingerprints, source_hash) FROM stage.report_version;
COMMENT ON VIEW core.report_version IS 'One row per report version known at the moment.';
