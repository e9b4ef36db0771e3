-- The map's areas: the outline, and the number that stands in its label with what is normal. Where
-- the area's sources were not heard, none is not nought but unknown.
CREATE OR REPLACE TABLE picture.map_area AS
WITH counted AS (
    SELECT i.area_id,
        count(*) FILTER (WHERE i.event_at > m.moment_at - INTERVAL 24 HOURS)::INTEGER AS incident_24h_count,
        count(*) FILTER (WHERE i.period = 0)::INTEGER AS incident_7d_count
    FROM core.incident AS i, config.moment AS m GROUP BY i.area_id
)
SELECT
    a.area_id, a.area_name, a.geometry_geojson, a.label_longitude, a.label_latitude,
    CASE WHEN c.incident_24h_count > 0 OR NOT v.is_blind THEN coalesce(c.incident_24h_count, 0) END
        AS incident_24h_count,
    CASE WHEN c.incident_7d_count > 0 OR v.heard_days > 0 THEN coalesce(c.incident_7d_count, 0) END
        AS incident_7d_count,
    t.normal_low, t.normal_high, s.proposed_status, a.is_approximate
FROM config.area AS a
JOIN core.area_voice AS v ON v.area_id = a.area_id
LEFT JOIN counted AS c ON c.area_id = a.area_id
LEFT JOIN core.deviation_test AS t ON t.level = 'area' AND t.area_key = a.area_id
LEFT JOIN picture.area_status AS s ON s.area_id = a.area_id
ORDER BY a.position, a.area_id;
ALTER TABLE picture.map_area ADD PRIMARY KEY (area_id);
COMMENT ON TABLE picture.map_area IS 'One row per area of the map, in the settings'' order.';
