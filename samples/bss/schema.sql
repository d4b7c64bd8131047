-- The BSS as Tenantry reads it and writes it back: a minimal read model, the role `tenantry`, and the four functions through
-- which that role may change anything. For PostgreSQL 13 and newer:
--
--     createdb bss && psql -d bss -v ON_ERROR_STOP=1 -f samples/bss/schema.sql -f samples/bss/seed.sql
--
-- A site that has these facts under other names keeps its own tables: it gives its own queries (bss.orders: {database: NAME,
-- query: FILE}, columns as in the CSV files) and its own bodies for the functions in the schema `tenantry`.
--
-- Money is numeric(18,6), never floating point; the tables are named as in the domain notes, section 3.
begin;

create table bss_account (
	account_id            integer primary key,
	code                  text,
	name                  text not null,
	email                 text,
	phone                 text,
	contact_first_name    text,
	contact_last_name     text,
	enable_ordering       boolean not null default true,
	is_reseller           boolean,
	parent_account_id     integer references bss_account,
	bill_to_account_id    integer references bss_account,
	currency              char(3),
	transaction_currency  char(3),
	ramp_up_months        integer not null default 0 check (ramp_up_months between 0 and 3),
	updated_at            timestamptz not null default now()
);
comment on table bss_account is 'Customers. A reseller buys for itself; whether one is decided by is_reseller, never by a type name.';
comment on column bss_account.is_reseller is 'NULL: nobody has said so, which is not yes.';
comment on column bss_account.currency is 'The base currency that contracts are billed in.';
comment on column bss_account.transaction_currency is 'What invoices are converted to, at the rate of the invoice date.';

create table bss_account_address (
	address_id    uuid primary key default gen_random_uuid(),
	account_id    integer not null references bss_account,
	is_billing    boolean not null default false,
	address1      text,
	address2      text,
	city          text,
	region        text,
	state_code    text,
	post_code     text,
	country_code  char(2)
);
create unique index bss_account_address_billing on bss_account_address (account_id) where is_billing;
comment on table bss_account_address is 'At most one billing address an account.';
comment on column bss_account_address.post_code is 'Text: many begin with a zero.';

create table bss_account_sync (
	account_id   integer not null references bss_account,
	system_code  text not null,
	external_id  text,
	username     text,
	role         text,
	sync_status  text,
	synced_at    timestamptz,
	primary key (account_id, system_code)
);
comment on table bss_account_sync is 'An account as another system knows it; system_code acronis: tenant id and login.';

create table bss_product (
	product_id         uuid primary key default gen_random_uuid(),
	code               text not null unique,
	name               text not null,
	product_type_code  text not null,
	tier_code          text,
	billing_model      text not null default 'PPU' check (billing_model in ('PPU', 'PREPAID')),
	billing_day        integer not null default 1 check (billing_day between 1 and 28),
	sellable           boolean not null default true
);
comment on column bss_product.tier_code is 'The characteristic Tier of a contract product.';

create table bss_order (
	order_id           text primary key,
	parent_order_id    text references bss_order,
	code               text,
	order_date         timestamptz,
	account_id         integer not null references bss_account,
	end_customer_id    integer references bss_account,
	status_name        text not null default '',
	status_type        text,
	storefront_type    text check (storefront_type in ('Storefront', 'BSS')),
	currency           char(3),
	total              numeric(18,6),
	expires_at         timestamptz,
	terms_accepted     boolean,
	terms_accepted_at  timestamptz,
	updated_at         timestamptz not null default now()
);
comment on column bss_order.parent_order_id is 'Delivering some items of an order makes a sub-order.';
comment on column bss_order.status_name is 'Draft, Submitted, Executed, Canceled, or the site''s own words.';
comment on column bss_order.terms_accepted is 'What the checkout was answered; NULL: it did not ask, as in the back office.';

create table bss_order_item (
	order_item_id    text primary key,
	order_id         text not null references bss_order,
	product_id       uuid references bss_product,
	tier_code        text,
	subscription_id  uuid,
	quantity         integer not null default 1,
	action           text,
	requested_start  date,
	delivery_status  text
);
create index bss_order_item_order on bss_order_item (order_id);
comment on table bss_order_item is 'One product of an order: the unit of work. An order without items of its own has one with its own id.';
comment on column bss_order_item.tier_code is 'The characteristic Tier as ordered.';
comment on column bss_order_item.subscription_id is 'What a change is for; of a new contract the subscription that it became. No foreign key: old ones are archived.';
comment on column bss_order_item.delivery_status is 'NULL or Pending until it is delivered, then Executed; Canceled.';

create table bss_subscription (
	subscription_id    uuid primary key,
	external_id        text,
	account_id         integer not null references bss_account,
	order_item_id      text unique references bss_order_item,
	product_id         uuid references bss_product,
	status             text not null,
	sync_status        text,
	sync_comment       text,
	quantity           integer not null default 1,
	currency           char(3),
	start_date         date,
	end_date           date,
	next_billing_date  date,
	is_trial           boolean not null default false,
	cancelled_at       timestamptz,
	updated_at         timestamptz not null default now()
);
create index bss_subscription_account on bss_subscription (account_id);
comment on column bss_subscription.external_id is 'The tenant''s UUID in Acronis.';
comment on column bss_subscription.order_item_id is 'The order item that made it: unique, so that none makes two.';
comment on column bss_subscription.sync_status is 'Provisioning sync status: Pending, Synchronized, Failed.';
comment on column bss_subscription.sync_comment is 'Why it failed, as the BSS shows it.';

create table bss_invoice (
	invoice_id          text primary key,
	code                text not null,
	invoice_date        date not null,
	due_date            date,
	stage               text not null default 'Approved',
	billing_account_id  integer not null references bss_account,
	currency            char(3) not null,
	fx_rate             numeric(18,8) check (fx_rate > 0),
	total               numeric(18,6) not null
);
create table bss_invoice_item (
	invoice_item_id  text primary key,
	invoice_id       text not null references bss_invoice,
	subscription_id  uuid not null references bss_subscription,
	period_start     date not null,
	period_end       date not null check (period_end >= period_start),
	kind             text not null check (kind in ('usage', 'commitment', 'credit')),
	quantity         numeric(18,6) not null default 1,
	unit_cost        numeric(18,6),
	unit_price       numeric(18,6) not null,
	total_cost       numeric(18,6),
	total            numeric(18,6) not null
);
create index bss_invoice_item_invoice on bss_invoice_item (invoice_id);
comment on column bss_invoice.fx_rate is 'From the account''s base currency to the invoice''s, of the invoice date.';

create table bss_fx_rate (
	from_ccy    char(3) not null,
	to_ccy      char(3) not null,
	rate        numeric(18,8) not null check (rate > 0),
	valid_from  date not null,
	valid_to    date check (valid_to >= valid_from),
	primary key (from_ccy, to_ccy, valid_from)
);
comment on table bss_fx_rate is 'rate units of to_ccy for one of from_ccy; the two directions are records of their own.';

-- ---------------------------------------------------------------------------------------------------------------------------
-- Writing back. Each function takes a list of items and answers a row for each, so that a night's batch is one round trip; each
-- item is a savepoint of its own, and what goes wrong with one leaves the others alone. Repeating a call is harmless.
--
-- Outcomes: done (now), already (was so before), changed (the order is not what it was: nothing was written, detail says what
-- differs), refused (a constraint or a value: nothing was written), busy (somebody else holds the lock: nothing was written).
--
-- An item, as JSON: order_item_id, action, account_id, product, subscription_id, external_id, username, currency, start_date,
-- status, reason. product, tier and action under "ordered" are what was read when the order was accepted; a member that is not there is not
-- compared.
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
