-- §8 The gaps against §6: is anybody out at each focus place today?
--   place    somebody is out at the place itself       area     … somewhere in its area, no place named
--   none     nobody is, as far as the registers tell   unknown  no register of insatser or resources was heard
CREATE OR REPLACE TABLE picture.focus_cover AS
WITH heard AS (
    SELECT bool_or(is_known) AS is_known FROM core.register_state WHERE register IN ('insats', 'resource')
), out_today AS (
    SELECT e.* FROM core.effort_day AS e JOIN core.local_day AS d ON d.local_day = e.local_day AND d.days_ago = 0
)
SELECT f.position, f.query_id, f.place_id, f.place_name, f.area_name, f.window_label_sv, f.window_label_en,
    CASE WHEN EXISTS (SELECT 1 FROM out_today AS o WHERE o.place_id = f.place_id) THEN 'place'
        WHEN EXISTS (SELECT 1 FROM out_today AS o JOIN config.place AS p ON p.area_id = o.area_id
            WHERE o.place_id IS NULL AND p.place_id = f.place_id) THEN 'area'
        WHEN h.is_known THEN 'none' ELSE 'unknown' END AS cover
FROM picture.focus_place AS f CROSS JOIN heard AS h
ORDER BY position;
ALTER TABLE picture.focus_cover ADD PRIMARY KEY (position);
COMMENT ON TABLE picture.focus_cover IS 'One row per focus place: is anybody out there today.';
