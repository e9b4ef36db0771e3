-- The picture.* tables by hand, empty, for tests of the sheet: independent of the SQL that builds the real ones.
CREATE SCHEMA config;
CREATE SCHEMA picture;
CREATE TABLE config.moment (moment_at TIMESTAMPTZ, timezone VARCHAR, language VARCHAR, code_version VARCHAR);
CREATE TABLE picture.head (
    municipality_name VARCHAR, municipality_code VARCHAR, tlp VARCHAR, moment_at TIMESTAMPTZ,
    local_day DATE, local_time VARCHAR, iso_year INTEGER, iso_week INTEGER, weekday INTEGER,
    data_cutoff_at TIMESTAMPTZ, valid_until_at TIMESTAMPTZ, previous_moment_at TIMESTAMPTZ,
    picture_number VARCHAR, is_incomplete_night BOOLEAN, night_published_percent DOUBLE, is_night_ceiling BOOLEAN,
    current_report_count INTEGER, incident_24h_count INTEGER, without_place_count INTEGER,
    located_count INTEGER, history_from_day DATE, is_demo BOOLEAN
);
CREATE TABLE picture.source (
    position INTEGER, query_id VARCHAR, source_id VARCHAR, title_sv VARCHAR, title_en VARCHAR,
    owner_org VARCHAR, role VARCHAR, status VARCHAR, last_received_at TIMESTAMPTZ, last_event_at
    TIMESTAMPTZ, hours_silent DOUBLE, seen_count INTEGER, accepted_count INTEGER, rejected_count
    INTEGER, duplicate_count INTEGER, quarantined_count INTEGER, expected_low INTEGER, expected_high
    INTEGER, is_below_expected BOOLEAN, is_above_expected BOOLEAN, last_cause VARCHAR, notice_count
    INTEGER, is_possible_loss BOOLEAN, is_frozen BOOLEAN
);
CREATE TABLE picture.summary (
    position INTEGER, query_id VARCHAR, number INTEGER, normal_low DOUBLE, normal_high DOUBLE,
    sentence_sv VARCHAR, sentence_en VARCHAR, trend VARCHAR
);
CREATE TABLE picture.area_status (
    position INTEGER, query_id VARCHAR, area_id VARCHAR, area_name VARCHAR, proposed_status VARCHAR,
    reason_sv VARCHAR, reason_en VARCHAR, incident_7d_count INTEGER
);
CREATE TABLE picture.event (
    position INTEGER, query_id VARCHAR, report_id VARCHAR, occurred_from TIMESTAMPTZ, occurred_until
    TIMESTAMPTZ, is_time_known BOOLEAN, time_label_sv VARCHAR, time_label_en VARCHAR, place_label VARCHAR, area_name
    VARCHAR, category VARCHAR, category_sv VARCHAR, category_en VARCHAR, severity INTEGER, counts_as
    VARCHAR, source_titles VARCHAR, note_public VARCHAR, action_taken VARCHAR,
    action_sv VARCHAR, action_en VARCHAR, change_kind VARCHAR, is_identity_break BOOLEAN,
    location_precision VARCHAR
);
CREATE TABLE picture.event_total (
    new_count INTEGER, changed_count INTEGER, withdrawn_count INTEGER, shown_count INTEGER,
    activity_count INTEGER, context_count INTEGER, meta_count INTEGER
);
CREATE TABLE picture.deviation (
    position INTEGER, query_id VARCHAR, level VARCHAR, area_id VARCHAR, area_name VARCHAR, category
    VARCHAR, category_sv VARCHAR, category_en VARCHAR, count INTEGER, expected DOUBLE, normal_low
    DOUBLE, normal_high DOUBLE, p_value DOUBLE, q_value DOUBLE, verdict VARCHAR, baseline VARCHAR,
    activity_7d_count INTEGER, activity_expected DOUBLE, silent_days INTEGER,
    earlier_count INTEGER, since_earlier VARCHAR
);
CREATE TABLE picture.deviation_total (
    tested_count INTEGER, signal_count INTEGER, watch_count INTEGER, fall_count INTEGER, baseline
    VARCHAR, text_sv VARCHAR, text_en VARCHAR
);
CREATE TABLE picture.focus_place (
    position INTEGER, query_id VARCHAR, place_id VARCHAR, place_name VARCHAR, area_name VARCHAR,
    count_7d INTEGER, count_28d INTEGER, count_previous_28d INTEGER, persistence VARCHAR,
    window_label_sv VARCHAR, window_label_en VARCHAR, fault_query_id VARCHAR,
    open_fault_count INTEGER, open_walk_count INTEGER,
    open_fault_categories_sv VARCHAR, open_fault_categories_en VARCHAR, is_repeat BOOLEAN,
    earlier_count INTEGER, since_earlier VARCHAR
);
CREATE TABLE picture.map_area (
    area_id VARCHAR, area_name VARCHAR, geometry_geojson VARCHAR, label_longitude DOUBLE,
    label_latitude DOUBLE, incident_24h_count INTEGER, incident_7d_count INTEGER, normal_low DOUBLE,
    normal_high DOUBLE, proposed_status VARCHAR, is_approximate BOOLEAN
);
CREATE TABLE picture.map_point (
    report_id VARCHAR, latitude DOUBLE, longitude DOUBLE, category_sv VARCHAR, category_en VARCHAR,
    severity INTEGER, age_days INTEGER
);
CREATE TABLE picture.map_total (
    located_count INTEGER, unlocated_count INTEGER, total_count INTEGER
);
CREATE TABLE picture.heat_watch (
    area_id VARCHAR, area_name VARCHAR, watch INTEGER, count INTEGER, is_total BOOLEAN
);
CREATE TABLE picture.heat_hour (
    weekday INTEGER, hour INTEGER, count INTEGER
);
CREATE TABLE picture.heat_total (
    with_time_count INTEGER, without_time_count INTEGER, from_day DATE, until_day DATE
);
CREATE TABLE picture.query (
    query_id VARCHAR, section INTEGER, title_sv VARCHAR, title_en VARCHAR, sql VARCHAR
);
CREATE TABLE picture.area_set (
    position INTEGER, query_id VARCHAR, area_id VARCHAR, area_name VARCHAR, proposed_status
    VARCHAR, set_status VARCHAR, set_day DATE, stop_day DATE, reason_text VARCHAR, is_other
    BOOLEAN
);
CREATE TABLE picture.due_insats (
    position INTEGER, query_id VARCHAR, entry_id VARCHAR, problem VARCHAR, place_label VARCHAR,
    owner_name VARCHAR, decided_day DATE, stop_day DATE, due_state VARCHAR, days_past INTEGER,
    dose_unit VARCHAR, planned_dose INTEGER, done_dose INTEGER, outcome VARCHAR
);
CREATE TABLE picture.due_total (
    register_status VARCHAR, register_read_at TIMESTAMPTZ, overdue_count INTEGER,
    due_today_count INTEGER, came_out_count INTEGER
);
CREATE TABLE picture.alert (
    position INTEGER, query_id VARCHAR, entry_id VARCHAR, alert_topic VARCHAR, alert_advice VARCHAR,
    alert_severity VARCHAR, warned_area_sv VARCHAR, reach VARCHAR, sent_at TIMESTAMPTZ, expires_at TIMESTAMPTZ,
    is_new BOOLEAN
);
CREATE TABLE picture.warning (
    position INTEGER, query_id VARCHAR, entry_id VARCHAR, warning_level VARCHAR, event_sv VARCHAR, event_en VARCHAR,
    warned_area_sv VARCHAR, warned_area_en VARCHAR, reach VARCHAR, area_ids VARCHAR, area_names VARCHAR,
    warned_from TIMESTAMPTZ, warned_until TIMESTAMPTZ, is_now BOOLEAN, is_new BOOLEAN
);
CREATE TABLE picture.warning_total (
    moment_at TIMESTAMPTZ, warning_count INTEGER, ended_early_count INTEGER, alert_count INTEGER
);
CREATE TABLE picture.walk_point (
    position INTEGER, query_id VARCHAR, entry_id VARCHAR, finding VARCHAR, measure VARCHAR, category_sv VARCHAR,
    category_en VARCHAR, place_label VARCHAR, owner_name VARCHAR, walk_day DATE, due_day DATE, walk_state VARCHAR,
    days_past INTEGER
);
CREATE TABLE picture.walk_total (
    register_status VARCHAR, register_read_at TIMESTAMPTZ, walk_overdue_count INTEGER, walk_open_count INTEGER
);
CREATE TABLE picture.ahead (
    position INTEGER, query_id VARCHAR, local_day DATE, days_ahead INTEGER, ahead_kind VARCHAR,
    title_sv VARCHAR, title_en VARCHAR, place_name VARCHAR, area_name VARCHAR, clock_from
    VARCHAR, clock_until VARCHAR, visitor_count INTEGER, is_called_off BOOLEAN
);
CREATE TABLE picture.ahead_total (
    today DATE, sunset VARCHAR, dark_from VARCHAR, dark_until VARCHAR, light VARCHAR,
    is_event_known BOOLEAN, is_school_known BOOLEAN, event_count INTEGER, next_pay_day DATE
);
CREATE TABLE picture.effort (
    position INTEGER, query_id VARCHAR, effort_kind VARCHAR, effort_type VARCHAR, problem
    VARCHAR, owner_name VARCHAR, unit_count INTEGER, place_name VARCHAR, area_name VARCHAR,
    clock_from VARCHAR, clock_until VARCHAR
);
CREATE TABLE picture.focus_cover (
    position INTEGER, query_id VARCHAR, place_id VARCHAR, place_name VARCHAR, area_name VARCHAR,
    window_label_sv VARCHAR, window_label_en VARCHAR, cover VARCHAR
);
CREATE TABLE picture.effort_total (
    register_read_at TIMESTAMPTZ, effort_count INTEGER, gap_count INTEGER
);
CREATE TABLE picture.proposal (
    position INTEGER, query_id VARCHAR, rule VARCHAR, place_name VARCHAR, area_name VARCHAR,
    window_sv VARCHAR, window_en VARCHAR, task_sv VARCHAR, task_en VARCHAR, owner_name VARCHAR,
    reason_sv VARCHAR, reason_en VARCHAR, because_id VARCHAR
);
CREATE TABLE picture.question (
    position INTEGER, query_id VARCHAR, question_kind VARCHAR, question_sv VARCHAR, question_en
    VARCHAR, area_name VARCHAR, asker_name VARCHAR, asked_name VARCHAR, due_day DATE, is_overdue
    BOOLEAN
);
CREATE TABLE picture.decision (
    position INTEGER, query_id VARCHAR, entry_id VARCHAR, problem VARCHAR, place_label VARCHAR,
    owner_name VARCHAR, decided_day DATE, stop_day DATE
);
CREATE TABLE picture.register (
    position INTEGER, register VARCHAR, status VARCHAR, is_known BOOLEAN, last_received_at
    TIMESTAMPTZ
);
CREATE TABLE picture.earlier (
    earlier_at TIMESTAMPTZ, earlier_number VARCHAR, is_first BOOLEAN
);
CREATE TABLE picture.gone (
    section INTEGER, position INTEGER, query_id VARCHAR, label_sv VARCHAR, label_en VARCHAR,
    earlier_count INTEGER, count INTEGER, normal_low DOUBLE, normal_high DOUBLE, gone_reason VARCHAR
);
