-- A message of VMA of which we do not know whether it is real, what kind it is or whom it is for. What is not known to be
-- real is not shown: the radio says whether it is.
SELECT entry_id, alert_status, message_type, reach, dq_flags
FROM stage.public_alert
WHERE change_kind <> 'withdrawn'
    AND (alert_status IS NULL OR message_type IS NULL OR (reach IS NULL AND message_type <> 'cancel'))
ORDER BY entry_id;
