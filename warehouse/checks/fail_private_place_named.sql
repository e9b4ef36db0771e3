-- A private place is named among the places in focus.
SELECT f.place_id, p.publicness
FROM picture.focus_place AS f LEFT JOIN config.place AS p ON p.place_id = f.place_id
WHERE p.publicness IS NULL OR p.publicness = 'private'
ORDER BY f.place_id;
