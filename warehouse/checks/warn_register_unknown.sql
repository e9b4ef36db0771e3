-- Entries of registers with an owner, area, place or category that the settings do not know: they stand without it.
WITH told AS (
    SELECT 'insats' AS register, entry_id, source_id, string_split(dq_flags, ',') AS flags, owner_id, area_id, place_id, category
    FROM stage.insats
    UNION ALL SELECT 'planned_event', entry_id, source_id, string_split(dq_flags, ','), owner_id, area_id, place_id, NULL
    FROM stage.planned_event
    UNION ALL SELECT 'resource', entry_id, source_id, string_split(dq_flags, ','), owner_id, area_id, place_id, NULL
    FROM stage.resource
    UNION ALL SELECT 'safety_walk', entry_id, source_id, string_split(dq_flags, ','), owner_id, area_id, place_id, category
    FROM stage.safety_walk
    UNION ALL SELECT 'assessment', entry_id, source_id, string_split(dq_flags, ','), owner_id, area_id, NULL, NULL
    FROM stage.assessment
), doubt AS (
    SELECT register, source_id, entry_id, unnest([
        CASE WHEN list_contains(flags, 'owner_unknown') OR owner_id NOT IN (SELECT owner_id FROM config.owner) THEN 'owner' END,
        CASE WHEN list_contains(flags, 'area_unknown') OR area_id NOT IN (SELECT area_id FROM config.area) THEN 'area' END,
        CASE WHEN list_contains(flags, 'place_unknown') OR place_id NOT IN (SELECT place_id FROM config.place) THEN 'place' END,
        CASE WHEN list_contains(flags, 'category_unknown') OR category NOT IN (SELECT category FROM config.category)
            THEN 'category' END]) AS field
    FROM told
)
SELECT register, source_id, field, count(*) AS entry_count, min(entry_id) AS first_entry
FROM doubt WHERE field IS NOT NULL
GROUP BY register, source_id, field ORDER BY register, source_id, field;
