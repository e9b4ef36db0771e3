-- Who is on duty where on each of the days ahead: resources and insatser, one row for each day they are out.
CREATE OR REPLACE TABLE core.effort_day AS
WITH ahead AS (
    SELECT (d.local_day + n::INTEGER)::DATE AS local_day FROM core.local_day AS d, range(0, 4) AS r(n) WHERE d.days_ago = 0
), effort AS (
    SELECT 'resource' AS effort_kind, entry_id, source_id, resource_type AS effort_type, NULL::VARCHAR AS problem,
        owner_id, unit_count, place_id, area_id, start_day, coalesce(stop_day, start_day) AS stop_day, weekdays,
        clock_from, clock_until
    FROM stage.resource
    UNION ALL
    SELECT 'insats', entry_id, source_id, insats_type, problem, owner_id, NULL, place_id, area_id,
        coalesce(start_day, decided_day, stop_day), stop_day, weekdays, clock_from, clock_until
    FROM core.insats WHERE insats_state IN ('ongoing', 'planned')
)
SELECT a.local_day, e.effort_kind, e.entry_id, e.source_id, e.effort_type, e.problem, e.owner_id, o.owner_name,
    o.owner_role, e.unit_count, e.place_id, p.place_name, e.area_id, r.area_name, e.clock_from, e.clock_until
FROM ahead AS a
JOIN effort AS e ON a.local_day >= e.start_day AND a.local_day <= coalesce(e.stop_day, a.local_day)
    AND (e.weekdays IS NULL OR list_contains(string_split(e.weekdays, ','), isodow(a.local_day)::VARCHAR))
LEFT JOIN config.owner AS o ON o.owner_id = e.owner_id
LEFT JOIN config.place AS p ON p.place_id = e.place_id
LEFT JOIN config.area AS r ON r.area_id = e.area_id;
ALTER TABLE core.effort_day ADD PRIMARY KEY (local_day, effort_kind, entry_id);
COMMENT ON TABLE core.effort_day IS 'One row per local day and insats or resource that is out that day, today and three days on.';
