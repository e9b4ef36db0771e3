-- Proposals for the week. The machine proposes, the meeting decides. The rules, most pressing first:
--   overdue  an insats whose outcome nobody has told: close it, or set a new day
--   signal, fault  as in section 9 of the daily sheet: an area and kind above chance; a place with many open faults
--   dose     an insats that ends within the fortnight with less than half of its dose done: will it be done?
--   event    something planned in the fortnight in the area of a focus place: plan for it
--   silent   a counted source, expected daily, that was not heard about all of the week: ask its owner
CREATE OR REPLACE TABLE picture.week_proposal AS
WITH focus AS (
    SELECT p.area_id, any_value(f.place_name ORDER BY f.position) AS place_name,
        any_value(f.query_id ORDER BY f.position) AS query_id
    FROM picture.focus_place AS f JOIN config.place AS p ON p.place_id = f.place_id
    WHERE p.area_id IS NOT NULL GROUP BY p.area_id
), ours AS (
    SELECT any_value(owner_name ORDER BY position) AS owner_name FROM config.owner WHERE owner_role = 'kommun'
), proposed AS (
    SELECT 1 AS rule_order, position AS part, 'overdue' AS rule, place_label, 'Stäng eller sätt ny dag: ' || source_key AS task_sv,
        'Close or set a new day: ' || source_key AS task_en, owner_name,
        picture.counted(days_past, 'dag över tiden, utfall okänt', 'dagar över tiden, utfall okänt') AS reason_sv,
        picture.counted(days_past, 'day overdue, outcome not known', 'days overdue, outcome not known') AS reason_en,
        query_id AS because_id
    FROM picture.week_insats WHERE week_state = 'overdue'
    UNION ALL SELECT 2, position, rule, coalesce(place_name, area_name), task_sv, task_en, owner_name, reason_sv, reason_en,
        because_id FROM picture.proposal WHERE rule IN ('signal', 'fault')
    UNION ALL SELECT 3, i.position, 'dose', i.place_label, 'Hinner planen? ' || i.source_key, 'In time? ' || i.source_key,
        i.owner_name, i.done_dose || ' av ' || i.planned_dose || ' gjort, slutar ' || picture.day_sv(i.stop_day),
        i.done_dose || ' of ' || i.planned_dose || ' done, ends ' || picture.day_en(i.stop_day), i.query_id
    FROM picture.week_insats AS i, picture.week_ahead_total AS t
    WHERE i.week_state = 'ongoing' AND 2 * i.done_dose < i.planned_dose AND i.stop_day BETWEEN t.today AND t.last_day
    UNION ALL SELECT 4, w.position, 'event', w.place_label, 'Planera för ' || w.title_sv, 'Plan for ' || w.title_en, o.owner_name,
        picture.day_sv(w.local_day) || ', nära ' || f.place_name, picture.day_en(w.local_day) || ', near ' || f.place_name,
        w.query_id
    FROM picture.week_ahead AS w
    JOIN stage.planned_event AS e ON e.entry_id = w.entry_id
    LEFT JOIN config.place AS p ON p.place_id = e.place_id
    JOIN focus AS f ON f.area_id = coalesce(e.area_id, p.area_id)
    CROSS JOIN ours AS o
    WHERE w.ahead_kind = 'planned_event' AND NOT w.is_called_off
    UNION ALL SELECT 5, s.position, 'silent', NULL, 'Fråga ' || s.owner_org, 'Ask ' || s.owner_org, o.owner_name,
        s.title_sv || ' hördes ' || s.heard_days || ' av 7 dygn', s.title_en || ' was heard ' || s.heard_days || ' of 7 days',
        s.query_id
    FROM picture.week_source AS s CROSS JOIN ours AS o WHERE s.is_trend_source AND s.week_coverage IN ('silent', 'begins')
), placed AS (
    SELECT *, row_number() OVER (ORDER BY rule_order, part, because_id)::INTEGER AS nth FROM proposed
)
SELECT nth AS position, 'v13.' || nth AS query_id, rule, place_label, task_sv, task_en, owner_name, reason_sv, reason_en,
    because_id
FROM placed ORDER BY position;
ALTER TABLE picture.week_proposal ADD PRIMARY KEY (position);
COMMENT ON TABLE picture.week_proposal IS 'One row per measure the machine proposes for the week, with its rule and finding.';
