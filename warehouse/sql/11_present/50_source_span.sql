-- When each source was first and last heard, in all years: the lake's manifest says so.
CREATE OR REPLACE VIEW stage.source_span AS
FROM landed.source_span;
COMMENT ON VIEW stage.source_span IS 'One row per source of which a delivery was ever accepted.';
