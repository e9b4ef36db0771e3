-- The register as it was known at the moment: each entry's newest version then; a withdrawn entry is not in it.
CREATE OR REPLACE VIEW stage.planned_event AS
SELECT v.* FROM landed.planned_event AS v, config.moment AS m
WHERE v.ingested_at <= m.moment_at AND v.change_kind <> 'withdrawn'
    AND NOT EXISTS (
        SELECT 1 FROM landed.planned_event AS newer
        WHERE newer.entry_id = v.entry_id AND newer.version - 1 = v.version AND newer.ingested_at <= m.moment_at
    );
COMMENT ON VIEW stage.planned_event IS 'One row per planned event known at the moment.';
