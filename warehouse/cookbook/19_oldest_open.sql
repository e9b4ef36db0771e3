-- sv: Vilka tio anmälda fel har stått öppna längst?
-- en: Which ten reported faults have stood open longest?
SELECT report_id, category, area_id, local_day FROM core.report
WHERE observation_type = 'municipal_request' AND status = 'open' ORDER BY event_at, report_id LIMIT 10;
