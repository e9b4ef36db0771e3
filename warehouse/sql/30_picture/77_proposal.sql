-- §9 Förslag: place × window × task × owner × why. The machine proposes, the meeting decides. The rules, gravest first:
--   signal   an area and category of §5 is above what chance allows: work together against it there, in the watch most
--            of the week's were in (three or more). Where an insats against that kind of thing is at it in the area
--            already: strengthen or change that one.
--   gap      a focus place of §6 with a known time window, and nobody is out at it or in its area today: go there then.
--   event    something planned today in the area of a focus place, and nobody is out there: meet it.
--   fault    as many faults as make a repeat stand open at a focus place (lighting, graffiti): have them mended.
-- The owner is the first of the municipality's list whose role the kind of thing asks for; no such role, no owner.
CREATE OR REPLACE TABLE picture.proposal AS
WITH role_for AS (  -- in order of preference
    SELECT * FROM (VALUES
        ('skada', ['vaktare', 'ordningsvakt', 'kommun']), ('intrang', ['vaktare', 'ordningsvakt', 'polis']),
        ('plats', ['kommun']), ('trafik', ['polis']), ('vald', ['polis', 'ordningsvakt']),
        ('narkotika', ['polis', 'ordningsvakt']), ('tillgrepp', ['polis', 'kommun'])) AS v (family, roles)
), owner_for AS (
    SELECT f.family, any_value(o.owner_name ORDER BY list_position(f.roles, o.owner_role), o.position) AS owner_name
    FROM (SELECT DISTINCT c.family, coalesce(r.roles, ['ordningsvakt', 'polis', 'kommun']) AS roles
          FROM config.category AS c LEFT JOIN role_for AS r ON r.family = c.family) AS f
    LEFT JOIN config.owner AS o ON list_contains(f.roles, o.owner_role)
    GROUP BY f.family
), watch AS (  -- the three-hour watch most of a cell's incidents of the week were in
    SELECT area_id, category, arg_max(local_hour // 3, (hits, -(local_hour // 3))) AS watch, max(hits) AS hits
    FROM (SELECT area_id, category, local_hour, count(*) OVER (PARTITION BY area_id, category, local_hour // 3) AS hits
          FROM core.incident WHERE period = 0 AND local_hour IS NOT NULL)
    GROUP BY area_id, category
), kind_of_place AS (  -- what a focus place's incidents of four weeks mostly are
    SELECT place_id, arg_max(family, (hits, family)) AS family
    FROM (SELECT place_id, family, count(*) AS hits FROM core.incident
          WHERE period BETWEEN 0 AND 3 AND place_id IS NOT NULL GROUP BY place_id, family)
    GROUP BY place_id
), at_it AS (
    SELECT i.area_id, c.family, any_value(i.source_key ORDER BY i.entry_id) AS source_key
    FROM core.insats AS i JOIN config.category AS c ON c.category = i.category
    WHERE i.insats_state IN ('ongoing', 'unknown') GROUP BY i.area_id, c.family
), signal AS (  -- one line for an area and kind of thing, whatever number of categories stand out in it
    SELECT d.area_id, d.area_name, c.family, any_value(d.category_sv ORDER BY d.position) AS category_sv,
        any_value(d.category_en ORDER BY d.position) AS category_en, min(d.position) AS part,
        any_value(d.query_id ORDER BY d.position) AS query_id,
        any_value(w.watch ORDER BY d.position) FILTER (w.hits >= 3) AS watch,
        string_agg(lower(d.category_sv) || ' ' || d.count || ', normalt '
            || picture.range_of(d.normal_low, d.normal_high), '; ' ORDER BY d.position) AS reason_sv,
        string_agg(lower(d.category_en) || ' ' || d.count || ', normally '
            || picture.range_of(d.normal_low, d.normal_high), '; ' ORDER BY d.position) AS reason_en
    FROM picture.deviation AS d
    JOIN config.category AS c ON c.category = d.category
    LEFT JOIN watch AS w ON w.area_id = d.area_id AND w.category = d.category
    WHERE d.verdict = 'signal' AND d.area_id IS NOT NULL
    GROUP BY d.area_id, d.area_name, c.family
), proposed AS (
    SELECT 1 AS rule_order, s.part, 'signal' AS rule, NULL AS place_name, s.area_name,
        lpad((3 * s.watch)::VARCHAR, 2, '0') || '–' || lpad((3 * s.watch + 3)::VARCHAR, 2, '0') AS window_sv,
        CASE WHEN a.area_id IS NULL THEN 'Gå samman mot ' || lower(s.category_sv)
            ELSE 'Förstärk eller ändra insats ' || a.source_key END AS task_sv,
        CASE WHEN a.area_id IS NULL THEN 'Join forces against ' || lower(s.category_en)
            ELSE 'Strengthen or change insats ' || a.source_key END AS task_en,
        o.owner_name, s.reason_sv, s.reason_en, s.query_id AS because_id
    FROM signal AS s
    JOIN owner_for AS o ON o.family = s.family
    LEFT JOIN at_it AS a ON a.area_id = s.area_id AND a.family = s.family
    UNION ALL
    SELECT 2, f.position, 'gap', f.place_name, f.area_name, f.window_label_sv,
        CASE WHEN k.family = 'skada' THEN 'Rondera' ELSE 'Synlig patrull' END,
        CASE WHEN k.family = 'skada' THEN 'Patrol round' ELSE 'Visible patrol' END,
        o.owner_name,
        f.count_28d || ' på 28 dygn, ingen ute där i dag', f.count_28d || ' in 28 days, nobody out there today', f.query_id
    FROM picture.focus_place AS f
    JOIN picture.focus_cover AS v ON v.place_id = f.place_id AND v.cover = 'none'
    LEFT JOIN kind_of_place AS k ON k.place_id = f.place_id
    LEFT JOIN owner_for AS o ON o.family = k.family
    WHERE f.window_label_sv IS NOT NULL
    UNION ALL
    SELECT 3, e.position, 'event', e.place_name, e.area_name, replace(e.clock_from || coalesce('–' || e.clock_until, ''), ':', '.'),
        'Möt upp vid ' || e.title_sv, 'Be there: ' || e.title_en, (SELECT owner_name FROM owner_for WHERE family = 'ordning'),
        'planerat i dag nära ' || f.place_name, 'planned today near ' || f.place_name, f.query_id
    FROM picture.ahead AS e
    JOIN (SELECT area_name, any_value(place_name ORDER BY position) AS place_name,
            any_value(query_id ORDER BY position) AS query_id
          FROM picture.focus_place GROUP BY area_name) AS f ON f.area_name = e.area_name
    WHERE e.ahead_kind = 'planned_event' AND e.days_ahead = 0 AND NOT e.is_called_off
        AND NOT EXISTS (SELECT 1 FROM picture.effort AS x WHERE x.area_name = e.area_name)
    UNION ALL
    SELECT 4, f.position, 'fault', f.place_name, f.area_name, NULL,
        'Åtgärda öppna felanmälningar', 'Mend what is reported',
        (SELECT owner_name FROM owner_for WHERE family = 'plats'),
        picture.counted(f.open_fault_count, 'öppen: ', 'öppna: ') || lower(f.open_fault_categories_sv),
        f.open_fault_count || ' open: ' || lower(f.open_fault_categories_en), f.fault_query_id
    FROM picture.focus_place AS f WHERE f.open_fault_count >= config.threshold_of('repeat_count')
), placed AS (
    SELECT *, row_number() OVER (ORDER BY rule_order, part)::INTEGER AS nth FROM proposed
)
SELECT nth AS position, '9.' || nth AS query_id, rule, place_name, area_name, window_sv,
    CASE WHEN rule = 'gap' THEN (SELECT window_label_en FROM picture.focus_place AS f WHERE f.query_id = because_id)
        WHEN rule = 'event' THEN replace(window_sv, '.', ':') ELSE window_sv END AS window_en,
    task_sv, task_en, owner_name, reason_sv, reason_en, because_id
FROM placed ORDER BY position;
ALTER TABLE picture.proposal ADD PRIMARY KEY (position);
COMMENT ON TABLE picture.proposal IS 'One row per measure the machine proposes, with the rule and the finding it stands on.';
