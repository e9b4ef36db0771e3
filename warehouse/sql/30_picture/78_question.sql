-- §10 Vet inte: who asks whom by when. First what the meeting has asked and not been answered, overdue first; then what
-- the machine itself cannot know: why a source is silent, to be asked of its owner today.
CREATE OR REPLACE TABLE picture.question AS
WITH asked AS (
    SELECT 1 AS kind_order, 'register' AS question_kind, a.entry_id, NULL AS source_id, a.question AS question_sv,
        a.question AS question_en, r.area_name, o.owner_name AS asker_name, q.owner_name AS asked_name, a.due_day
    FROM stage.assessment AS a
    LEFT JOIN config.owner AS o ON o.owner_id = a.owner_id
    LEFT JOIN config.owner AS q ON q.owner_id = a.asked_id
    LEFT JOIN config.area AS r ON r.area_id = a.area_id
    WHERE a.assessment_type = 'fraga' AND coalesce(a.question_status, 'oppen') = 'oppen'
    UNION ALL
    SELECT 2, 'silence', NULL, s.source_id, 'Varför är ' || s.title_sv || ' tyst?', 'Why is ' || s.title_en || ' silent?',
        NULL, (SELECT any_value(owner_name ORDER BY position) FROM config.owner WHERE owner_role = 'kommun'),
        s.owner_org, d.local_day
    FROM picture.source AS s JOIN core.local_day AS d ON d.days_ago = 0
    WHERE s.status IN ('down', 'never')
), placed AS (
    SELECT a.*, coalesce(a.due_day < d.local_day, FALSE) AS is_overdue,
        row_number() OVER (ORDER BY a.kind_order, a.due_day NULLS LAST, a.entry_id, a.source_id)::INTEGER AS nth
    FROM asked AS a JOIN core.local_day AS d ON d.days_ago = 0
)
SELECT nth AS position, '10.' || nth AS query_id, question_kind, entry_id, source_id, question_sv, question_en, area_name,
    asker_name, asked_name, due_day, is_overdue
FROM placed ORDER BY position;
ALTER TABLE picture.question ADD PRIMARY KEY (position);
COMMENT ON TABLE picture.question IS 'One row per open question: who asks whom, by when.';
