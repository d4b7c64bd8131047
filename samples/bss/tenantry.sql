-- The functions through which the role `tenantry` writes back, and the words that they may write. Version 2, for PostgreSQL 13
-- and newer, over the tables of schema.sql, which loads this file. By itself it renews the functions of a database that is in use,
-- as often as one likes; the words of tenantry.word are kept:
--
--     psql -d bss -v ON_ERROR_STOP=1 -f samples/bss/tenantry.sql
--
-- Over other tables the four functions at the end (begin_subscriptions, activate_subscriptions, fail_subscriptions,
-- order_item_states) have bodies of the site's own: docs/bss-database.md says what each takes and answers.
--
-- What keeps others out, and has to stay so in a changed copy:
-- * The functions run as tenantry_owner: it cannot log in, and has the rights below on these columns and no others.
-- * They look names up in pg_catalog alone. A schema that others may write to is in no path here: a function or operator there
--   whose arguments fit better would be called in place of PostgreSQL's own, with the rights of the owner. So tables are named
--   with their schema.
-- * What an order asks for, and the words in tenantry.word, bound what is written. What the caller sends can narrow it only.
begin;
set local search_path = pg_catalog, pg_temp;
set local client_min_messages = warning;

do $$
declare
	me constant oid := (select oid from pg_roles where rolname = current_user);
	stranger text;
begin
	if not exists (select from pg_roles where rolname = 'tenantry') then
		create role tenantry login noinherit connection limit 8;
	end if;
	if not exists (select from pg_roles where rolname = 'tenantry_owner') then
		create role tenantry_owner nologin noinherit;
	end if;
	if exists (select from pg_roles where rolname = 'tenantry_owner' and (rolcanlogin or rolsuper or rolcreaterole or rolreplication)) then
		raise exception 'the role tenantry_owner can log in or has rights of its own'
			using hint = 'alter role tenantry_owner nologin nosuperuser nocreaterole noreplication';
	end if;
	-- Only a member can give it anything; a superuser is a member of every role.
	if not (select rolsuper from pg_roles where oid = me) then
		execute format('grant tenantry_owner to %I', current_user);
	end if;
	-- "create or replace" leaves a function to the one whose it is, and the owner of a schema can drop what is in it.
	create schema if not exists tenantry;
	select into stranger string_agg(distinct r.rolname, ', ')
		from (select nspowner from pg_namespace where nspname = 'tenantry'
			union all select proowner from pg_proc where pronamespace = 'tenantry'::regnamespace
			union all select relowner from pg_class where relnamespace = 'tenantry'::regnamespace) o (owner)
		join pg_roles r on r.oid = o.owner
		where r.rolcanlogin and not r.rolsuper and r.oid <> me;
	if stranger is not null then
		raise exception 'the schema tenantry, or what is in it, belongs to %', stranger
			using hint = 'give it to a role that cannot log in, or drop it: alter schema tenantry owner to ...';
	end if;
end $$;
comment on schema tenantry is 'What the nightly job may change: functions only.';
revoke all on schema tenantry from public;
grant usage on schema tenantry to tenantry, tenantry_owner;

-- ---------------------------------------------------------------------------------------------------------------------------
-- What may be written. `pending`: the order statuses under which an order may be worked on, compared trimmed and without regard
-- to case; `tenantry check` holds them against bss.order_status.pending of the job. `action`: what an order may ask for, and the
-- status that its subscription has afterwards.
create table if not exists tenantry.word (
	kind    text not null check (kind in ('pending', 'action')),
	word    text not null,
	status  text,
	primary key (kind, word),
	check ((kind = 'action') = (status is not null))
);
comment on table tenantry.word is 'Which statuses, actions and pending words may be written; yours to change.';
insert into tenantry.word (kind, word, status)
	select v.kind, v.word, v.status
	from (values ('pending', 'Submitted', null), ('pending', '', null),
		('action', 'new', 'Active'), ('action', 'upgrade', 'Active'), ('action', 'downgrade', 'Active'),
		('action', 'suspend', 'Suspended'), ('action', 'reactivate', 'Active'), ('action', 'cancel', 'Cancelled')) v (kind, word, status)
	where not exists (select from tenantry.word);
revoke all on tenantry.word from public;
grant select on tenantry.word to tenantry, tenantry_owner;

create or replace function tenantry.version() returns integer
language sql immutable set search_path = pg_catalog, pg_temp as $$ select 2 $$;
comment on function tenantry.version() is 'Of this file. Functions of a site''s own need none.';

-- ---------------------------------------------------------------------------------------------------------------------------
-- Writing back. Each function takes a list of items and answers a row for each, so that a night's batch is one round trip; each
-- item is a savepoint of its own, and what goes wrong with one leaves the others alone. Repeating a call is harmless.
--
-- Outcomes: done (now), already (was so before), changed (the order is not what it was: nothing was written, detail says what
-- differs), refused (a constraint, a value, or a word that is not in tenantry.word: nothing was written), busy (somebody else holds
-- the lock: nothing was written).
--
-- An item, as JSON: order_item_id, order_id, action, account_id, product, subscription_id, external_id, username, currency, start_date,
-- status, reason. product, tier and action under "ordered" are what was read when the order was accepted; a member that is not
-- there is not compared.

-- Version 1 answered a text.
drop function if exists tenantry.order_item_problem(jsonb, text[]);

-- The order item and its order, locked until the end of the transaction; why it may not be worked on, or an outcome of NULL. `status`:
-- what tenantry.word says that the item's action leaves, NULL for none. `pending` is trimmed and in small letters (each_item).
create function tenantry.order_item_problem(item jsonb, pending text[], out outcome text, out detail text, out status text)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
	o public.bss_order;
	i public.bss_order_item;
	p public.bss_product;
	ordered jsonb := item -> 'ordered';
	asked text;
	is_pending boolean;
begin
	outcome := 'changed';
	-- The order first: two items of one order must not wait for each other.
	select into o bo.* from public.bss_order bo join public.bss_order_item bi using (order_id)
		where bi.order_item_id = item ->> 'order_item_id' for update of bo;
	if not found then
		detail := 'the order item is not there any more';
		return;
	end if;
	select into i * from public.bss_order_item where order_item_id = item ->> 'order_item_id' for update;
	select into p * from public.bss_product where product_id = i.product_id;
	select into is_pending, status
		exists (select from tenantry.word w where w.kind = 'pending' and lower(trim(w.word)) = lower(trim(o.status_name))),
		(select w.status from tenantry.word w where w.kind = 'action' and w.word = coalesce(item ->> 'action', 'new'));
	asked := lower(coalesce(nullif(trim(i.action), ''), 'new'));
	detail := case
		when lower(trim(o.status_name)) <> all (pending) then format('the order''s status is "%s" now', o.status_name)
		when coalesce(i.delivery_status, 'Pending') not in ('', 'Pending') then format('the order item is %s already', i.delivery_status)
		when o.account_id::text <> item ->> 'account_id' then format('the order is account %s''s now', o.account_id)
		when i.quantity <> 1 then format('the quantity is %s now', i.quantity)
		when trim(coalesce(p.code, '')) <> ordered ->> 'product' then format('the product is "%s" now', coalesce(p.code, ''))
		when trim(coalesce(i.tier_code, '')) <> ordered ->> 'tier' then format('the tier is "%s" now', coalesce(i.tier_code, ''))
		-- A second contract may be done as a change of tier (rules.second_contract); nothing else is done that was not ordered.
		when asked <> ordered ->> 'action' or asked <> item ->> 'action'
			and not (asked = 'new' and item ->> 'action' in ('upgrade', 'downgrade')) then format('the action is "%s" now', asked)
	end;
	if detail is not null then
		return;
	end if;
	detail := case
		when not is_pending then format('the order''s status "%s" is no pending one in tenantry.word', o.status_name)
		when status is null then format('the action "%s" is not in tenantry.word', item ->> 'action')
	end;
	outcome := case when detail is not null then 'refused' end;
end $$;

-- One item of begin_subscriptions(): the subscription, pending.
create or replace function tenantry.begin_one(item jsonb, pending text[], out outcome text, out detail text)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
	wanted constant uuid := (item ->> 'subscription_id')::uuid;
	problem record;
	there uuid;
	product uuid;
begin
	problem := tenantry.order_item_problem(item, pending);
	outcome := problem.outcome;
	detail := problem.detail;
	if outcome is not null then
		return;
	end if;
	if item ->> 'action' <> 'new' then
		outcome := 'refused';
		detail := format('an order to %s begins no subscription', item ->> 'action');
		return;
	end if;
	select into there subscription_id from public.bss_subscription where order_item_id = item ->> 'order_item_id';
	if there is not null then
		detail := case when there <> wanted then format('the order item has the subscription %s already', there) else '' end;
		outcome := case when there <> wanted then 'changed' else 'already' end;
		return;
	end if;
	select into product product_id from public.bss_product where code = item ->> 'product';
	if not found then
		outcome := 'refused';
		detail := format('there is no product with the code "%s"', item ->> 'product');
		return;
	end if;
	insert into public.bss_subscription (subscription_id, account_id, order_item_id, product_id, status, sync_status, quantity, currency, start_date)
		values (wanted, (item ->> 'account_id')::integer, item ->> 'order_item_id', product, 'Pending', 'Pending', 1,
			item ->> 'currency', nullif(item ->> 'start_date', '')::date);
	outcome := 'done';
	detail := '';
end $$;

-- One item of activate_subscriptions(): the subscription as it is after the order, the order item executed, and the order too when
-- that was its last.
create or replace function tenantry.activate_one(item jsonb, pending text[], out outcome text, out detail text)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
	wanted constant uuid := (item ->> 'subscription_id')::uuid;
	is_new constant boolean := item ->> 'action' = 'new';
	problem record;
	s public.bss_subscription;
	executed boolean;
	ordered_for uuid;
begin
	problem := tenantry.order_item_problem(item, pending);
	-- The table says what the action leaves, and the caller must know it.
	if problem.outcome is null and problem.status is distinct from item ->> 'status' then
		outcome := 'refused';
		detail := format('tenantry.word has no action "%s" that leaves the status "%s"', item ->> 'action', item ->> 'status');
		return;
	end if;
	outcome := problem.outcome;
	detail := problem.detail;
	select into s * from public.bss_subscription where subscription_id = wanted for update;
	if outcome is not null then
		select into executed i.delivery_status = 'Executed' and i.subscription_id = wanted
			from public.bss_order_item i where i.order_item_id = item ->> 'order_item_id';
		if executed and s.status = problem.status and s.status = item ->> 'status' and s.sync_status = 'Synchronized'
			and lower(s.external_id) = lower(item ->> 'external_id') then
			outcome := 'already';
			detail := '';
		end if;
		return;
	end if;
	if not is_new then
		select into ordered_for i.subscription_id from public.bss_order_item i where i.order_item_id = item ->> 'order_item_id';
	end if;
	outcome := 'changed';
	if s.subscription_id is null then
		detail := format('the subscription %s is not there any more', wanted);
		return;
	end if;
	if is_new and s.order_item_id is distinct from item ->> 'order_item_id' then
		detail := format('the subscription %s belongs to the order item %s', wanted, coalesce(s.order_item_id, 'of nobody'));
		return;
	end if;
	if ordered_for <> wanted then
		detail := format('the order is for the subscription %s now', ordered_for);
		return;
	end if;
	if s.account_id::text <> item ->> 'account_id' then
		detail := format('the subscription %s is account %s''s now', wanted, s.account_id);
		return;
	end if;
	if lower(s.status) in ('cancelled', 'canceled') and s.status <> problem.status then
		detail := format('the subscription %s is %s', wanted, s.status);
		return;
	end if;
	update public.bss_subscription set
			status = problem.status,
			sync_status = 'Synchronized',
			sync_comment = null,
			external_id = item ->> 'external_id',
			product_id = coalesce((select product_id from public.bss_product where code = item ->> 'product'), product_id),
			start_date = coalesce(start_date, nullif(item ->> 'start_date', '')::date, case when is_new then current_date end),
			end_date = case when item ->> 'action' = 'cancel' then current_date else end_date end,
			cancelled_at = case when item ->> 'action' = 'cancel' then now() else cancelled_at end,
			updated_at = now()
		where subscription_id = wanted;
	if is_new then
		insert into public.bss_account_sync as known (account_id, system_code, external_id, username, sync_status, synced_at)
			values (s.account_id, 'acronis', item ->> 'external_id', item ->> 'username', 'Synchronized', now())
			on conflict (account_id, system_code) do update set external_id = excluded.external_id,
				username = coalesce(excluded.username, known.username), sync_status = 'Synchronized', synced_at = now();
	end if;
	update public.bss_order_item set delivery_status = 'Executed', subscription_id = wanted where order_item_id = item ->> 'order_item_id';
	update public.bss_order o set status_name = 'Executed', status_type = 'Automatic Execute', updated_at = now()
		from public.bss_order_item mine
		where mine.order_item_id = item ->> 'order_item_id' and o.order_id = mine.order_id
			and not exists (select from public.bss_order_item i
				where i.order_id = o.order_id and coalesce(i.delivery_status, '') not in ('Executed', 'Canceled', 'Cancelled'));
	outcome := 'done';
	detail := '';
end $$;

-- One item of fail_subscriptions(): a pending subscription says why it is not there yet. One that is synchronized stays so.
create or replace function tenantry.fail_one(item jsonb, pending text[], out outcome text, out detail text)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
	s public.bss_subscription;
begin
	detail := '';
	select into s * from public.bss_subscription where subscription_id = (item ->> 'subscription_id')::uuid
		and order_item_id = item ->> 'order_item_id' for update;
	if s.subscription_id is null or s.sync_status = 'Synchronized' or s.status <> 'Pending' then
		outcome := 'changed';
		detail := case when s.subscription_id is null then 'there is no such subscription'
			when s.sync_status = 'Synchronized' then 'it is synchronized' else format('it is %s', s.status) end;
	elsif s.sync_status = 'Failed' and s.sync_comment = item ->> 'reason' then
		outcome := 'already';
	else
		update public.bss_subscription set sync_status = 'Failed', sync_comment = item ->> 'reason', updated_at = now()
			where subscription_id = s.subscription_id;
		outcome := 'done';
	end if;
end $$;

-- What the three lists share: the order of the locks, a savepoint an item, what an error means. The first lock that is not given
-- has been waited for (lock_timeout); the others of that list are only tried.
create or replace function tenantry.each_item(one text, items jsonb, pending text[])
returns table (order_item_id text, outcome text, detail text)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
	item jsonb;
begin
	pending := array(select lower(trim(w)) from unnest(pending) w);
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
-- reading all of it: hence no sequential scans. What such a plan seems to cost must not have it compiled either (jit).
create or replace function tenantry.begin_subscriptions(items jsonb, pending text[])
returns table (order_item_id text, outcome text, detail text)
language sql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off set jit = off
as $$ select * from tenantry.each_item('begin', items, pending) $$;

create or replace function tenantry.activate_subscriptions(items jsonb, pending text[])
returns table (order_item_id text, outcome text, detail text)
language sql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off set jit = off
as $$ select * from tenantry.each_item('activate', items, pending) $$;

create or replace function tenantry.fail_subscriptions(items jsonb)
returns table (order_item_id text, outcome text, detail text)
language sql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off set jit = off
as $$ select * from tenantry.each_item('fail', items, '{}') $$;

-- How order items stand: what settles a call whose answer was lost. An item that is not there has no row.
create or replace function tenantry.order_item_states(order_item_ids text[])
returns table (order_item_id text, order_status text, item_status text, subscription_id text, external_id text, status text, sync_status text)
language sql security definer stable set search_path = pg_catalog, pg_temp
as $$
	select i.order_item_id, o.status_name, coalesce(i.delivery_status, ''), coalesce(s.subscription_id::text, ''),
		coalesce(s.external_id, ''), coalesce(s.status, ''), coalesce(s.sync_status, '')
	from public.bss_order_item i
	join public.bss_order o using (order_id)
	left join public.bss_subscription s on s.subscription_id = i.subscription_id or s.order_item_id = i.order_item_id
	where i.order_item_id = any (order_item_ids)
$$;

-- ---------------------------------------------------------------------------------------------------------------------------
-- The owner, with what the functions need of the tables and no more. A trigger on these tables that does not have its own owner's
-- rights (security definer) runs as tenantry_owner, with the path of the functions: give it a path (alter function ... set
-- search_path), and this role the rights that the trigger needs.
grant usage on schema public to tenantry_owner;
grant select on public.bss_order, public.bss_order_item, public.bss_product, public.bss_subscription, public.bss_account_sync to tenantry_owner;
grant update (status_name, status_type, updated_at) on public.bss_order to tenantry_owner;
grant update (delivery_status, subscription_id) on public.bss_order_item to tenantry_owner;
grant insert (subscription_id, account_id, order_item_id, product_id, status, sync_status, quantity, currency, start_date),
	update (status, sync_status, sync_comment, external_id, product_id, start_date, end_date, cancelled_at, updated_at)
	on public.bss_subscription to tenantry_owner;
grant insert (account_id, system_code, external_id, username, sync_status, synced_at),
	update (external_id, username, sync_status, synced_at)
	on public.bss_account_sync to tenantry_owner;

-- A function can only be given to a role that may create in its schema: for the moment of giving it may.
grant create on schema tenantry to tenantry_owner;
alter function tenantry.version() owner to tenantry_owner;
alter function tenantry.order_item_problem(jsonb, text[]) owner to tenantry_owner;
alter function tenantry.begin_one(jsonb, text[]) owner to tenantry_owner;
alter function tenantry.activate_one(jsonb, text[]) owner to tenantry_owner;
alter function tenantry.fail_one(jsonb, text[]) owner to tenantry_owner;
alter function tenantry.each_item(text, jsonb, text[]) owner to tenantry_owner;
alter function tenantry.begin_subscriptions(jsonb, text[]) owner to tenantry_owner;
alter function tenantry.activate_subscriptions(jsonb, text[]) owner to tenantry_owner;
alter function tenantry.fail_subscriptions(jsonb) owner to tenantry_owner;
alter function tenantry.order_item_states(text[]) owner to tenantry_owner;
revoke create on schema tenantry from tenantry_owner;

revoke all on all functions in schema tenantry from public;
grant execute on function tenantry.version(), tenantry.begin_subscriptions(jsonb, text[]), tenantry.activate_subscriptions(jsonb, text[]),
	tenantry.fail_subscriptions(jsonb), tenantry.order_item_states(text[]) to tenantry;
commit;
