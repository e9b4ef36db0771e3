-- More than a quarter of the seven days' incidents name no area: the map shows too little to be read as a map.
SELECT unlocated_count, total_count FROM picture.map_total WHERE unlocated_count > 0.25 * total_count;
