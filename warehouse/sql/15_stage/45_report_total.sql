-- What the picture must know of all years: how many reports stand, since when, until when, where matters are open, how
-- strictly they are marked.
CREATE OR REPLACE TABLE stage.report_total AS
SELECT row_number() OVER (ORDER BY source_id, category, area_id, open_place_id, tlp, is_standing, ahead_event_at)::INTEGER
        AS position,
    source_id, category, area_id, open_place_id, tlp, is_standing, ahead_event_at,
    sum(report_count)::INTEGER AS report_count, min(first_event_at) AS first_event_at,
    max(last_event_at) AS last_event_at, max(last_ingested_at) AS last_ingested_at
FROM stage.report_sum
GROUP BY source_id, category, area_id, open_place_id, tlp, is_standing, ahead_event_at;
ALTER TABLE stage.report_total ADD PRIMARY KEY (position);
COMMENT ON TABLE stage.report_total IS
    'One row per source, category, area, open place, label, standing and event ahead of its time: reports of all years.';
