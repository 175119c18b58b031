-- Who added a display and who revoked it, as JSON; NULL for displays of earlier versions.
ALTER TABLE displays ADD COLUMN added_by TEXT;
ALTER TABLE displays ADD COLUMN revoked_by TEXT;
