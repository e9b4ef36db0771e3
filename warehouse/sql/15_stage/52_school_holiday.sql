-- The register as it was known at the moment: each entry's newest version then; a withdrawn entry is not in it.
CREATE OR REPLACE VIEW stage.school_holiday AS
SELECT v.* FROM landed.school_holiday AS v, config.moment AS m
WHERE v.ingested_at <= m.moment_at AND v.change_kind <> 'withdrawn'
    AND NOT EXISTS (
        SELECT 1 FROM landed.school_holiday AS newer
        WHERE newer.entry_id = v.entry_id AND newer.version - 1 = v.version AND newer.ingested_at <= m.moment_at
    );
COMMENT ON VIEW stage.school_holiday IS 'One row per school holiday known at the moment.';
