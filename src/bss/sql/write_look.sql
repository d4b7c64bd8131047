select order_item_id, order_status, item_status, subscription_id, external_id, status, sync_status
from tenantry.order_item_states($1::pg_catalog.text[])
