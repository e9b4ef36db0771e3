-- sv: Vilka områdestal för veckan får visas utanför huset?
-- en: Which of the week's area counts may be shown outside the house?
FROM core.area_counts_public(core.this_day() - 7, core.this_day() - 1);
