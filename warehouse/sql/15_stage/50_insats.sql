-- The register as it was known at the moment: each entry's newest version then; a withdrawn entry is not in it.
CREATE OR REPLACE VIEW stage.insats AS
SELECT v.* FROM landed.insats AS v, config.moment AS m
WHERE v.ingested_at <= m.moment_at AND v.change_kind <> 'withdrawn'
    AND NOT EXISTS (
        SELECT 1 FROM landed.insats AS newer
        WHERE newer.entry_id = v.entry_id AND newer.version - 1 = v.version AND newer.ingested_at <= m.moment_at
    );
COMMENT ON VIEW stage.insats IS 'One row per insats or decision known at the moment.';
