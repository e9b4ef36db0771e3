-- §2 The status the machine proposes for each area; the meeting sets it. First rule that holds:
--   rod     an incident of severity 5 in the last 24 hours (any source), or a signal that holds a severity of 4 or 5
--   orange  a signal in the area (one category, or all together)
--   gul     something to watch in the area, or an incident of severity 4 in the last 24 hours
--   okand   every source that usually reports there (or, where none ever did, every source) is down or never
--           heard, or was not heard about one of the seven days
--   gron    none of these
-- Blindness is asked before calm: an area nobody is heard about is never green.
CREATE OR REPLACE TABLE picture.area_status AS
WITH acute AS (
    SELECT r.area_id, count(*) FILTER (WHERE r.severity = 5) AS fives, count(*) FILTER (WHERE r.severity = 4) AS fours
    FROM core.recent_report AS r, config.moment AS m
    WHERE r.counts_as = 'incident' AND r.is_ours
        AND r.event_at > m.moment_at - INTERVAL 24 HOURS AND r.event_at <= m.moment_at + INTERVAL 15 MINUTES
    GROUP BY r.area_id
), strongest AS (  -- the most notable deviation of each area, to name in the reason
    SELECT d.area_id, any_value(d.verdict ORDER BY d.position) AS verdict,
        any_value(d.count ORDER BY d.position) AS count,
        any_value(picture.range_of(d.normal_low, d.normal_high) ORDER BY d.position) AS normal,
        any_value(coalesce(d.category_sv, 'alla händelser') ORDER BY d.position) AS what_sv,
        any_value(coalesce(d.category_en, 'all incidents') ORDER BY d.position) AS what_en
    FROM picture.deviation AS d
    WHERE d.verdict IN ('signal', 'watch') AND d.area_id IS NOT NULL GROUP BY d.area_id
), grave AS (
    SELECT DISTINCT area_id FROM core.deviation_test WHERE verdict = 'signal' AND level = 'cell' AND severe_count > 0
), week AS (
    SELECT area_id, count(*) AS incident_7d_count FROM core.incident WHERE period = 0 GROUP BY area_id
), known AS (
    SELECT a.position, a.area_id, a.area_name, coalesce(k.fives, 0) AS fives, coalesce(k.fours, 0) AS fours,
        s.verdict, s.count, s.normal, s.what_sv, s.what_en,
        -- nought of seven days nobody was heard about is unknown
        coalesce(w.incident_7d_count, CASE WHEN v.heard_days > 0 THEN 0 END)::INTEGER AS incident_7d_count,
        picture.range_of(t.normal_low, t.normal_high) AS area_normal,
        CASE
            WHEN k.fives > 0 OR g.area_id IS NOT NULL THEN 'rod'
            WHEN s.verdict = 'signal' THEN 'orange'
            WHEN s.verdict = 'watch' OR k.fours > 0 THEN 'gul'
            WHEN v.is_blind OR v.heard_days = 0 THEN 'okand'
            ELSE 'gron'
        END AS proposed_status
    FROM config.area AS a
    LEFT JOIN acute AS k ON k.area_id = a.area_id
    JOIN core.area_voice AS v ON v.area_id = a.area_id
    LEFT JOIN strongest AS s ON s.area_id = a.area_id
    LEFT JOIN grave AS g ON g.area_id = a.area_id
    LEFT JOIN week AS w ON w.area_id = a.area_id
    LEFT JOIN core.deviation_test AS t ON t.level = 'area' AND t.area_key = a.area_id
), placed AS (SELECT *, row_number() OVER (ORDER BY position, area_id)::INTEGER AS nth FROM known)
SELECT
    nth AS position,
    '2.' || (nth + 3) AS query_id,  -- the three sentences of §2 come first
    area_id, area_name, proposed_status,
    CASE
        WHEN fives > 0 THEN picture.incidents_sv(fives) || ' av allvarlighetsgrad 5 det senaste dygnet.'
        WHEN proposed_status IN ('rod', 'orange') OR verdict = 'watch'
            THEN count || ' på sju dygn, normalt ' || normal || ': ' || what_sv
            || CASE WHEN proposed_status = 'rod' THEN ' (grov).' WHEN verdict = 'watch' THEN ' (bevaka).' ELSE '.' END
        WHEN proposed_status = 'gul' THEN picture.incidents_sv(fours) || ' av allvarlighetsgrad 4 det senaste dygnet.'
        WHEN proposed_status = 'okand' THEN 'Ingen källa hörs om området: läget är okänt.'
        ELSE picture.incidents_sv(incident_7d_count) || ' på sju dygn'
            || coalesce(', normalt ' || area_normal, '; för kort historik för jämförelse') || '.'
    END AS reason_sv,
    CASE
        WHEN fives > 0 THEN picture.incidents_en(fives) || ' of severity 5 in the last 24 hours.'
        WHEN proposed_status IN ('rod', 'orange') OR verdict = 'watch'
            THEN count || ' in seven days, normally ' || normal || ': ' || what_en
            || CASE WHEN proposed_status = 'rod' THEN ' (grave).' WHEN verdict = 'watch' THEN ' (watch).' ELSE '.' END
        WHEN proposed_status = 'gul' THEN picture.incidents_en(fours) || ' of severity 4 in the last 24 hours.'
        WHEN proposed_status = 'okand' THEN 'No source is heard about the area: its state is unknown.'
        ELSE picture.incidents_en(incident_7d_count) || ' in seven days'
            || coalesce(', normally ' || area_normal, '; too short a history to compare') || '.'
    END AS reason_en,
    incident_7d_count
FROM placed
ORDER BY position;
ALTER TABLE picture.area_status ADD PRIMARY KEY (position);
COMMENT ON TABLE picture.area_status IS 'One row per area: the status the machine proposes, and why.';
