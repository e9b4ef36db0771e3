-- Map, table and text must say the same: seven days of incidents added up five ways.
WITH said AS (
    SELECT
        (SELECT total_count FROM picture.map_total) AS map_total,
        (SELECT coalesce(sum(incident_7d_count), 0) FROM picture.map_area) + (SELECT unlocated_count FROM picture.map_total)
            AS map_areas,
        (SELECT coalesce(sum(incident_7d_count), 0) FROM picture.area_status)
            + (SELECT coalesce(without_place_count, 0) FROM picture.head)
            AS table_areas,
        (SELECT sum(count + left_out_count) FROM core.deviation_test WHERE level = 'municipality') AS tested,
        (SELECT count(*) FROM core.incident WHERE period = 0) AS incidents
)
SELECT * FROM said
WHERE NOT (map_total = incidents AND map_areas = incidents AND table_areas = incidents
    AND tested = incidents);
