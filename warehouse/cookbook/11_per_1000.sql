-- sv: Hur många händelser per 1 000 invånare i varje område på ett år?
-- en: Incidents per 1,000 inhabitants in each area in a year?
FROM core.area_counts(core.this_day() - 365, core.this_day() - 1);
