-- Insatser and decisions with their names, and how each stands at the moment:
--   done      the register says it was carried out       not_done  … that it was not, or was broken off
--   unknown   its last day is past and nobody has told   planned   its first day is still to come
--   ongoing   the rest
-- An insats without a last day is never overdue: nobody has promised a day.
CREATE OR REPLACE TABLE core.insats AS
WITH today AS (SELECT local_day AS today FROM core.local_day WHERE days_ago = 0)
SELECT
    i.entry_id, i.source_id, i.source_key, i.problem, i.insats_type, i.category, c.category_sv, c.category_en,
    i.place_id, p.place_name, i.area_id, a.area_name, i.focus_area, i.owner_id, o.owner_name,
    i.decided_day, i.start_day, i.stop_day, i.weekdays, i.clock_from, i.clock_until,
    i.dose_unit, i.planned_dose, i.done_dose, i.goal, i.indicator, i.insats_status, i.outcome,
    CASE
        WHEN i.insats_status = 'klar' THEN 'done'
        WHEN i.insats_status IN ('ej_genomford', 'avbruten') THEN 'not_done'
        WHEN i.stop_day < t.today THEN 'unknown'
        WHEN i.start_day > t.today THEN 'planned'
        ELSE 'ongoing'
    END AS insats_state,
    greatest(t.today - i.stop_day, 0)::INTEGER AS days_past,
    -- Today is one of its days; an insats that names no weekdays has them all.
    coalesce(i.start_day, i.decided_day, i.stop_day) <= t.today AND coalesce(i.stop_day, t.today) >= t.today
        AND (i.weekdays IS NULL OR list_contains(string_split(i.weekdays, ','), isodow(t.today)::VARCHAR)) AS is_today,
    i.version, i.ingested_at, i.first_seen_at
FROM stage.insats AS i
CROSS JOIN today AS t
LEFT JOIN config.category AS c ON c.category = i.category
LEFT JOIN config.place AS p ON p.place_id = i.place_id
LEFT JOIN config.area AS a ON a.area_id = i.area_id
LEFT JOIN config.owner AS o ON o.owner_id = i.owner_id;
ALTER TABLE core.insats ADD PRIMARY KEY (entry_id);
COMMENT ON TABLE core.insats IS 'One row per insats or decision that stands in a register at the moment.';
