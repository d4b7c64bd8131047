-- The functions and rights of version 1, as they stood at the end of schema.sql: what an upgrade begins from (pg_security.sh).
begin;
create schema tenantry;
comment on schema tenantry is 'What the nightly job may change: functions only.';

-- Nobody can slip tables or operators of his own under the functions: all names are looked up in this path alone.
-- The order item and its order, locked until the end of the transaction; why it may not be worked on, or NULL.
create function tenantry.order_item_problem(item jsonb, pending text[]) returns text
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
	o bss_order;
	i bss_order_item;
	p bss_product;
	ordered jsonb := item -> 'ordered';
begin
	-- The order first: two items of one order must not wait for each other.
	select into o bo.* from bss_order bo join bss_order_item bi using (order_id)
		where bi.order_item_id = item ->> 'order_item_id' for update of bo;
	if not found then
		return 'the order item is not there any more';
	end if;
	select into i * from bss_order_item where order_item_id = item ->> 'order_item_id' for update;
	select into p * from bss_product where product_id = i.product_id;
	return case
		when not exists (select from unnest(pending) w where lower(trim(w)) = lower(trim(o.status_name))) then format('the order''s status is "%s" now', o.status_name)
		when coalesce(i.delivery_status, 'Pending') not in ('', 'Pending') then format('the order item is %s already', i.delivery_status)
		when o.account_id::text <> item ->> 'account_id' then format('the order is account %s''s now', o.account_id)
		when i.quantity <> 1 then format('the quantity is %s now', i.quantity)
		when trim(coalesce(p.code, '')) <> ordered ->> 'product' then format('the product is "%s" now', coalesce(p.code, ''))
		when trim(coalesce(i.tier_code, '')) <> ordered ->> 'tier' then format('the tier is "%s" now', coalesce(i.tier_code, ''))
		when lower(coalesce(nullif(trim(i.action), ''), 'new')) <> ordered ->> 'action' then format('the action is "%s" now', i.action)
	end;
end $$;

-- One item of begin_subscriptions(): the subscription, pending.
create function tenantry.begin_one(item jsonb, pending text[], out outcome text, out detail text)
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
	wanted constant uuid := (item ->> 'subscription_id')::uuid;
	there uuid;
	product uuid;
begin
	detail := tenantry.order_item_problem(item, pending);
	outcome := 'changed';
	if detail is not null then
		return;
	end if;
	select into there subscription_id from bss_subscription where order_item_id = item ->> 'order_item_id';
	if there is not null then
		detail := case when there <> wanted then format('the order item has the subscription %s already', there) else '' end;
		outcome := case when there <> wanted then 'changed' else 'already' end;
		return;
	end if;
	select into product product_id from bss_product where code = item ->> 'product';
	if not found then
		outcome := 'refused';
		detail := format('there is no product with the code "%s"', item ->> 'product');
		return;
	end if;
	insert into bss_subscription (subscription_id, account_id, order_item_id, product_id, status, sync_status, quantity, currency, start_date)
		values (wanted, (item ->> 'account_id')::integer, item ->> 'order_item_id', product, 'Pending', 'Pending', 1,
			item ->> 'currency', nullif(item ->> 'start_date', '')::date);
	outcome := 'done';
	detail := '';
end $$;

-- One item of activate_subscriptions(): the subscription as it is after the order, the order item executed, and the order too when
-- that was its last.
create function tenantry.activate_one(item jsonb, pending text[], out outcome text, out detail text)
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
	wanted constant uuid := (item ->> 'subscription_id')::uuid;
	is_new constant boolean := item ->> 'action' = 'new';
	s bss_subscription;
	executed boolean;
begin
	detail := tenantry.order_item_problem(item, pending);
	select into s * from bss_subscription where subscription_id = wanted for update;
	outcome := 'changed';
	if detail is not null then
		select into executed i.delivery_status = 'Executed' and i.subscription_id = wanted
			from bss_order_item i where i.order_item_id = item ->> 'order_item_id';
		if executed and s.status = item ->> 'status' and s.sync_status = 'Synchronized'
			and lower(s.external_id) = lower(item ->> 'external_id') then
			outcome := 'already';
			detail := '';
		end if;
		return;
	end if;
	if s.subscription_id is null then
		detail := format('the subscription %s is not there any more', wanted);
		return;
	end if;
	if is_new and s.order_item_id is distinct from item ->> 'order_item_id' then
		detail := format('the subscription %s belongs to the order item %s', wanted, coalesce(s.order_item_id, 'of nobody'));
		return;
	end if;
	if s.account_id::text <> item ->> 'account_id' then
		detail := format('the subscription %s is account %s''s now', wanted, s.account_id);
		return;
	end if;
	if lower(s.status) in ('cancelled', 'canceled') and s.status <> item ->> 'status' then
		detail := format('the subscription %s is %s', wanted, s.status);
		return;
	end if;
	update bss_subscription set
			status = item ->> 'status',
			sync_status = 'Synchronized',
			sync_comment = null,
			external_id = item ->> 'external_id',
			product_id = coalesce((select product_id from bss_product where code = item ->> 'product'), product_id),
			start_date = coalesce(start_date, nullif(item ->> 'start_date', '')::date, case when is_new then current_date end),
			end_date = case when item ->> 'action' = 'cancel' then current_date else end_date end,
			cancelled_at = case when item ->> 'action' = 'cancel' then now() else cancelled_at end,
			updated_at = now()
		where subscription_id = wanted;
	if is_new then
		insert into bss_account_sync (account_id, system_code, external_id, username, sync_status, synced_at)
			values (s.account_id, 'acronis', item ->> 'external_id', item ->> 'username', 'Synchronized', now())
			on conflict (account_id, system_code) do update set external_id = excluded.external_id,
				username = coalesce(excluded.username, bss_account_sync.username), sync_status = 'Synchronized', synced_at = now();
	end if;
	update bss_order_item set delivery_status = 'Executed', subscription_id = wanted where order_item_id = item ->> 'order_item_id';
	update bss_order o set status_name = 'Executed', status_type = 'Automatic Execute', updated_at = now()
		from bss_order_item mine
		where mine.order_item_id = item ->> 'order_item_id' and o.order_id = mine.order_id
			and not exists (select from bss_order_item i
				where i.order_id = o.order_id and coalesce(i.delivery_status, '') not in ('Executed', 'Canceled', 'Cancelled'));
	outcome := 'done';
	detail := '';
end $$;

-- One item of fail_subscriptions(): a pending subscription says why it is not there yet. One that is synchronized stays so.
create function tenantry.fail_one(item jsonb, pending text[], out outcome text, out detail text)
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
	s bss_subscription;
begin
	detail := '';
	select into s * from bss_subscription where subscription_id = (item ->> 'subscription_id')::uuid
		and order_item_id = item ->> 'order_item_id' for update;
	if s.subscription_id is null or s.sync_status = 'Synchronized' then
		outcome := 'changed';
		detail := case when s.subscription_id is null then 'there is no such subscription' else 'it is synchronized' end;
	elsif s.sync_status = 'Failed' and s.sync_comment = item ->> 'reason' then
		outcome := 'already';
	else
		update bss_subscription set sync_status = 'Failed', sync_comment = item ->> 'reason', updated_at = now()
			where subscription_id = s.subscription_id;
		outcome := 'done';
	end if;
end $$;

-- What the three lists share: the order of the locks, a savepoint an item, what an error means. The first lock that is not given
-- has been waited for (lock_timeout); the others of that list are only tried.
create function tenantry.each_item(one text, items jsonb, pending text[])
returns table (order_item_id text, outcome text, detail text)
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
	item jsonb;
begin
	for item in select e from jsonb_array_elements(items) e order by e ->> 'order_item_id' loop
		order_item_id := item ->> 'order_item_id';
		begin
			case one
				when 'begin' then select into outcome, detail r.outcome, r.detail from tenantry.begin_one(item, pending) r;
				when 'activate' then select into outcome, detail r.outcome, r.detail from tenantry.activate_one(item, pending) r;
				when 'fail' then select into outcome, detail r.outcome, r.detail from tenantry.fail_one(item, pending) r;
			end case;
		exception
			when lock_not_available or deadlock_detected then
				outcome := 'busy';
				detail := sqlerrm;
				perform set_config('lock_timeout', '1ms', true);
			when integrity_constraint_violation or data_exception then
				outcome := 'refused';
				detail := sqlerrm;
		end;
		return next;
	end loop;
end $$;

-- Every row is found by a key. Plans are kept for the session, and one that was made while a table was still small would go on
-- reading all of it: hence no sequential scans.
create function tenantry.begin_subscriptions(items jsonb, pending text[])
returns table (order_item_id text, outcome text, detail text)
language sql security definer set search_path = pg_catalog, public, pg_temp set enable_seqscan = off
as $$ select * from tenantry.each_item('begin', items, pending) $$;

create function tenantry.activate_subscriptions(items jsonb, pending text[])
returns table (order_item_id text, outcome text, detail text)
language sql security definer set search_path = pg_catalog, public, pg_temp set enable_seqscan = off
as $$ select * from tenantry.each_item('activate', items, pending) $$;

create function tenantry.fail_subscriptions(items jsonb)
returns table (order_item_id text, outcome text, detail text)
language sql security definer set search_path = pg_catalog, public, pg_temp set enable_seqscan = off
as $$ select * from tenantry.each_item('fail', items, '{}') $$;

-- How order items stand: what settles a call whose answer was lost. An item that is not there has no row.
create function tenantry.order_item_states(order_item_ids text[])
returns table (order_item_id text, order_status text, item_status text, subscription_id text, external_id text, status text, sync_status text)
language sql security definer stable set search_path = pg_catalog, public, pg_temp
as $$
	select i.order_item_id, o.status_name, coalesce(i.delivery_status, ''), coalesce(s.subscription_id::text, ''),
		coalesce(s.external_id, ''), coalesce(s.status, ''), coalesce(s.sync_status, '')
	from bss_order_item i
	join bss_order o using (order_id)
	left join bss_subscription s on s.subscription_id = i.subscription_id or s.order_item_id = i.order_item_id
	where i.order_item_id = any (order_item_ids)
$$;

-- ---------------------------------------------------------------------------------------------------------------------------
-- The role: reads the model, changes it through the functions, and no more. It has no password here: give it one, or a
-- certificate, and say in pg_hba.conf from where it may come (hostssl).
do $$
begin
	if not exists (select from pg_roles where rolname = 'tenantry') then
		create role tenantry login noinherit connection limit 8;
	end if;
end $$;
revoke all on schema tenantry from public;
revoke all on all functions in schema tenantry from public;
grant usage on schema tenantry, public to tenantry;
grant select on bss_account, bss_account_address, bss_account_sync, bss_product, bss_order, bss_order_item, bss_subscription,
	bss_invoice, bss_invoice_item, bss_fx_rate to tenantry;
grant execute on function tenantry.begin_subscriptions(jsonb, text[]), tenantry.activate_subscriptions(jsonb, text[]),
	tenantry.fail_subscriptions(jsonb), tenantry.order_item_states(text[]) to tenantry;
commit;
