-- sv: När på veckan händer det vid Ängsskolan?
-- en: When in the week do things happen at Ängsskolan?
SELECT i.local_weekday AS weekday, i.local_hour AS hour, count(*) AS count
FROM core.incident AS i JOIN reference.place AS p ON p.place_id = i.place_id
WHERE p.place_name = 'Ängsskolan' AND i.local_hour IS NOT NULL
GROUP BY ALL ORDER BY ALL;
