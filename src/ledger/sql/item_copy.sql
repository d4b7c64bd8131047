-- Notes the item under the run that touched it; outside a run there is nothing to note.
INSERT OR REPLACE INTO run_items SELECT * FROM items WHERE key = :key AND run_id <> ''
