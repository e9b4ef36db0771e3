-- A test, an exercise or a message that was taken back stands on the sheet as VMA.
SELECT p.entry_id, s.alert_status, s.message_type, s.change_kind
FROM picture.alert AS p LEFT JOIN stage.public_alert AS s ON s.entry_id = p.entry_id
WHERE s.alert_status IS DISTINCT FROM 'actual' OR s.message_type IS NOT DISTINCT FROM 'cancel'
    OR s.change_kind = 'withdrawn'
ORDER BY p.entry_id;
