-- A source's counts are of another size than in the four weeks before: their unit or meaning may have changed.
WITH told AS (
    SELECT r.source_id, r.first_seen_at > m.moment_at - INTERVAL 7 DAYS AS is_new, r.quantity
    FROM stage.recent_report AS r, config.moment AS m
    WHERE r.quantity > 0 AND r.change_kind <> 'withdrawn'
        AND r.first_seen_at > m.moment_at - INTERVAL 35 DAYS AND r.first_seen_at <= m.moment_at
), half AS (
    SELECT source_id, is_new, median(quantity) AS quantity FROM told GROUP BY source_id, is_new HAVING count(*) >= 10
)
SELECT new.source_id, new.quantity::INTEGER AS quantity, old.quantity::INTEGER AS quantity_before
FROM half AS new JOIN half AS old ON old.source_id = new.source_id AND NOT old.is_new
-- Eightfold or an eighth: the nearest slips (dozens for pieces, minutes for hours) are more.
WHERE new.is_new AND (new.quantity >= 8 * old.quantity OR old.quantity >= 8 * new.quantity)
ORDER BY new.source_id;
