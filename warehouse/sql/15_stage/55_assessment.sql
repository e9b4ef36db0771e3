-- The register as it was known at the moment: each entry's newest version then; a withdrawn entry is not in it.
CREATE OR REPLACE VIEW stage.assessment AS
SELECT v.* FROM landed.assessment AS v, config.moment AS m
WHERE v.ingested_at <= m.moment_at AND v.change_kind <> 'withdrawn'
    AND NOT EXISTS (
        SELECT 1 FROM landed.assessment AS newer
        WHERE newer.entry_id = v.entry_id AND newer.version - 1 = v.version AND newer.ingested_at <= m.moment_at
    );
COMMENT ON VIEW stage.assessment IS 'One row per assessment or open question known at the moment.';
