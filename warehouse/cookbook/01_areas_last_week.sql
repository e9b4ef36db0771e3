-- sv: Hur många händelser per område de senaste sju hela dygnen?
-- en: How many incidents in each area in the last seven whole days?
FROM core.area_counts(core.this_day() - 7, core.this_day() - 1);
