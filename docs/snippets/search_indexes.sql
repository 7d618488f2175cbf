CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE INDEX my_meeting_name ON django_bbb_meeting USING gin (upper(name::text) gin_trgm_ops);
CREATE INDEX my_meeting_meeting_id ON django_bbb_meeting USING gin (upper(meeting_id::text) gin_trgm_ops);
CREATE INDEX my_recording_name ON django_bbb_recording USING gin (upper(name::text) gin_trgm_ops);
CREATE INDEX my_recording_title ON django_bbb_recording USING gin (upper(title::text) gin_trgm_ops);
CREATE INDEX my_recording_record_id ON django_bbb_recording USING gin (upper(record_id::text) gin_trgm_ops);
