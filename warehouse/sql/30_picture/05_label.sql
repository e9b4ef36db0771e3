-- Words for the reader, in one place. Swedish forms: sön 22 nov 23.15 (English Sun 22 Nov 23:15); 13–19 nov; "1 händelse", "2 händelser".
-- Macros take local timestamps; nothing here knows of time zones.
CREATE OR REPLACE MACRO picture.day_sv(t) AS
    ['mån', 'tis', 'ons', 'tors', 'fre', 'lör', 'sön'][isodow(t)] || ' ' || day(t) || ' '
    || ['jan', 'feb', 'mars', 'april', 'maj', 'juni', 'juli', 'aug', 'sep', 'okt', 'nov', 'dec'][month(t)];
CREATE OR REPLACE MACRO picture.day_en(t) AS strftime(t, '%a %-d %b');
CREATE OR REPLACE MACRO picture.clock(t) AS strftime(t, '%H.%M');
CREATE OR REPLACE MACRO picture.clock_en(t) AS strftime(t, '%H:%M');
-- A number with its noun: the first form beside 1, the second beside all else, nought too.
CREATE OR REPLACE MACRO picture.counted(n, one, more) AS n || ' ' || CASE WHEN n = 1 THEN one ELSE more END;
CREATE OR REPLACE MACRO picture.incidents_sv(n) AS picture.counted(n, 'händelse', 'händelser');
CREATE OR REPLACE MACRO picture.incidents_en(n) AS picture.counted(n, 'incident', 'incidents');
-- The normal interval; two equal ends are one number.
CREATE OR REPLACE MACRO picture.range_of(low, high) AS
    CASE WHEN low = high THEN low::VARCHAR ELSE low || '–' || high END;
-- One string as a SQL literal, for the queries printed beside the numbers.
CREATE OR REPLACE MACRO picture.quoted(word) AS '''' || replace(word, '''', '''''') || '''';
