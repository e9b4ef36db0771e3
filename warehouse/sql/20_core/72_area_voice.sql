-- Who speaks for each area: the sources that reported an incident there within the calendar or, where none ever did,
-- every comparable source. Nought incidents from voices nobody heard is not nought, it is unknown.
CREATE OR REPLACE TABLE core.area_voice AS
WITH told AS (SELECT DISTINCT source_id, area_key FROM core.incident_day),
voice AS (
    SELECT a.area_id, s.source_id, s.status IN ('down', 'never') AS is_down, p.heard_days,
        t.source_id IS NOT NULL AS has_told
    FROM config.area AS a
    CROSS JOIN core.feed_state AS s
    LEFT JOIN core.source_period AS p ON p.source_id = s.source_id AND p.period = 0
    LEFT JOIN told AS t ON t.source_id = s.source_id AND t.area_key = a.area_id
    WHERE s.is_trend_source
)
SELECT
    a.area_id,
    coalesce(bool_and(v.is_down) FILTER (WHERE v.has_told), bool_and(v.is_down), TRUE) AS is_blind,
    coalesce(max(v.heard_days) FILTER (WHERE v.has_told), max(v.heard_days), 0)::INTEGER AS heard_days
FROM config.area AS a
LEFT JOIN voice AS v ON v.area_id = a.area_id
GROUP BY a.area_id;
ALTER TABLE core.area_voice ADD PRIMARY KEY (area_id);
COMMENT ON TABLE core.area_voice IS 'One row per area: are the sources that speak for it heard.';
