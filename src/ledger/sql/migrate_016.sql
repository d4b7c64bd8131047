-- Schema version 16. What an order was when it was accepted: a row that comes under its key later is held against it. '' in rows of
-- before: they know the order, the account, the digest and what was done. And the tenant that is in the way of a parked item.
ALTER TABLE items ADD COLUMN ordered_action TEXT NOT NULL DEFAULT '';
ALTER TABLE items ADD COLUMN ordered_product TEXT NOT NULL DEFAULT '';
ALTER TABLE items ADD COLUMN ordered_tier TEXT NOT NULL DEFAULT '';
ALTER TABLE items ADD COLUMN parent_order_id TEXT NOT NULL DEFAULT '';
ALTER TABLE items ADD COLUMN content TEXT NOT NULL DEFAULT '';
ALTER TABLE items ADD COLUMN blocker TEXT NOT NULL DEFAULT '';
ALTER TABLE run_items ADD COLUMN ordered_action TEXT NOT NULL DEFAULT '';
ALTER TABLE run_items ADD COLUMN ordered_product TEXT NOT NULL DEFAULT '';
ALTER TABLE run_items ADD COLUMN ordered_tier TEXT NOT NULL DEFAULT '';
ALTER TABLE run_items ADD COLUMN parent_order_id TEXT NOT NULL DEFAULT '';
ALTER TABLE run_items ADD COLUMN content TEXT NOT NULL DEFAULT '';
ALTER TABLE run_items ADD COLUMN blocker TEXT NOT NULL DEFAULT '';
-- An item is found by both ids, so that its key may be made of one or of both of them.
DROP INDEX items_by_order;
CREATE INDEX items_by_ids ON items (order_id, item_id);
-- And by its own id alone, where that is not its key (bss.name has no slash): nothing is in here as long as it is.
CREATE INDEX items_by_item ON items (item_id) WHERE item_id <> '' AND substr(key, instr(key, '/') + 1) <> item_id;
