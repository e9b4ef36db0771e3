-- sv: Hur står sig kommunens senaste sju dygn mot de åtta jämförbara perioderna före?
-- en: How do the last seven days compare with the eight like periods before?
SELECT p.periods_ago, p.from_day, p.until_day, count(i.report_id) AS count
FROM core.like_periods(core.this_day() - 7, core.this_day() - 1, 8) AS p
LEFT JOIN core.incident AS i ON i.local_day BETWEEN p.from_day AND p.until_day
GROUP BY ALL ORDER BY p.periods_ago;
