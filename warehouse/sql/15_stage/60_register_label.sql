-- The labels of everything any register has said by the moment: the sheet is as strict as its strictest row.
CREATE OR REPLACE VIEW stage.register_label AS
SELECT DISTINCT v.tlp FROM config.moment AS m, (
    SELECT tlp, ingested_at FROM landed.insats
    UNION ALL SELECT tlp, ingested_at FROM landed.planned_event
    UNION ALL SELECT tlp, ingested_at FROM landed.school_holiday
    UNION ALL SELECT tlp, ingested_at FROM landed.resource
    UNION ALL SELECT tlp, ingested_at FROM landed.safety_walk
    UNION ALL SELECT tlp, ingested_at FROM landed.assessment
    UNION ALL SELECT tlp, ingested_at FROM landed.weather_warning
    UNION ALL SELECT tlp, ingested_at FROM landed.public_alert
) AS v
WHERE v.ingested_at <= m.moment_at;
COMMENT ON VIEW stage.register_label IS 'One row per label that a register entry known at the moment carries.';
