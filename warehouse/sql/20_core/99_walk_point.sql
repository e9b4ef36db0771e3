-- Points of safety walks with their names, and how each stands: done, dropped, overdue (its day is past and nobody has
-- told that it is done) or open. A point without a day is never overdue: nobody has promised one.
CREATE OR REPLACE TABLE core.walk_point AS
SELECT w.entry_id, w.source_id, w.source_key, w.walk_day, w.place_id, p.place_name, w.area_id, a.area_name, w.category,
    c.category_sv, c.category_en, w.finding, w.measure, w.owner_id, o.owner_name, w.due_day, w.measure_status,
    CASE WHEN w.measure_status = 'klar' THEN 'done' WHEN w.measure_status = 'avskriven' THEN 'dropped'
        WHEN w.due_day < d.local_day THEN 'overdue' ELSE 'open' END AS walk_state,
    greatest(d.local_day - w.due_day, 0)::INTEGER AS days_past,
    w.version, w.ingested_at, w.first_seen_at
FROM stage.safety_walk AS w
JOIN core.local_day AS d ON d.days_ago = 0
LEFT JOIN config.category AS c ON c.category = w.category
LEFT JOIN config.place AS p ON p.place_id = w.place_id
LEFT JOIN config.area AS a ON a.area_id = w.area_id
LEFT JOIN config.owner AS o ON o.owner_id = w.owner_id;
ALTER TABLE core.walk_point ADD PRIMARY KEY (entry_id);
COMMENT ON TABLE core.walk_point IS 'One row per point of a safety walk that stands in a register at the moment.';
