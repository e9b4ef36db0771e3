-- The same number in two feeds of one register: a meeting that says "I-041" may mean either. Fingerprints are no numbers.
WITH told AS (
    SELECT 'insats' AS register, source_key, source_id FROM stage.insats
    UNION ALL SELECT 'planned_event', source_key, source_id FROM stage.planned_event
    UNION ALL SELECT 'school_holiday', source_key, source_id FROM stage.school_holiday
    UNION ALL SELECT 'resource', source_key, source_id FROM stage.resource
    UNION ALL SELECT 'safety_walk', source_key, source_id FROM stage.safety_walk
    UNION ALL SELECT 'assessment', source_key, source_id FROM stage.assessment
)
SELECT register, source_key, count(*) AS entry_count, string_agg(source_id, ', ' ORDER BY source_id) AS source_ids
FROM told WHERE NOT regexp_full_match(source_key, 'x[0-9a-f]{16}')
GROUP BY register, source_key HAVING count(*) > 1
ORDER BY register, source_key;
