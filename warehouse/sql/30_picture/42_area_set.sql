-- §2 The status the meeting set, beside the one proposed: the newest that holds today. Set without a last day, it holds
-- until the meeting sets another.
CREATE OR REPLACE TABLE picture.area_set AS
WITH held AS (
    SELECT a.*, row_number() OVER (PARTITION BY a.area_id
        ORDER BY coalesce(a.start_day, a.first_seen_at::DATE) DESC, a.ingested_at DESC, a.entry_id DESC) AS nth
    FROM stage.assessment AS a JOIN core.local_day AS d ON d.days_ago = 0
    WHERE a.assessment_type = 'omradesstatus' AND coalesce(a.start_day, d.local_day) <= d.local_day
        AND coalesce(a.stop_day, d.local_day) >= d.local_day
)
SELECT s.position, '2.' || (s.position + 3 + (SELECT count(*) FROM picture.area_status)) AS query_id, h.entry_id,
    s.area_id, s.area_name, s.proposed_status, h.set_status, h.start_day AS set_day, h.stop_day, h.reason_text,
    h.set_status <> s.proposed_status AS is_other
FROM held AS h JOIN picture.area_status AS s ON s.area_id = h.area_id
WHERE h.nth = 1
ORDER BY s.position;
ALTER TABLE picture.area_set ADD PRIMARY KEY (area_id);
COMMENT ON TABLE picture.area_set IS 'One row per area whose status the meeting has set: it and the one proposed.';
