-- The BSS as Tenantry reads it and writes it back: a minimal read model, what the role `tenantry` may read of it, and, loaded from
-- tenantry.sql beside this file, the four functions through which that role may change anything. For PostgreSQL 13 and newer:
--
--     createdb bss && psql -d bss -v ON_ERROR_STOP=1 -f samples/bss/schema.sql -f samples/bss/seed.sql
--
-- A site that has these facts under other names keeps its own tables: it gives its own queries (bss.orders: {database: NAME,
-- query: FILE}, columns as in the CSV files) and its own bodies for the functions in the schema `tenantry`.
--
-- Money is numeric(18,6), never floating point; the tables are named as in the domain notes, section 3.
begin;
-- Whoever runs this has many rights: what others may have put into a schema is not called by it.
set local search_path = pg_catalog, pg_temp;

create table public.bss_account (
	account_id            integer primary key,
	code                  text,
	name                  text not null,
	email                 text,
	phone                 text,
	contact_first_name    text,
	contact_last_name     text,
	enable_ordering       boolean not null default true,
	is_reseller           boolean,
	parent_account_id     integer references public.bss_account,
	bill_to_account_id    integer references public.bss_account,
	currency              char(3),
	transaction_currency  char(3),
	ramp_up_months        integer not null default 0 check (ramp_up_months between 0 and 3),
	updated_at            timestamptz not null default now()
);
comment on table public.bss_account is 'Customers. A reseller buys for itself; whether one is decided by is_reseller, never by a type name.';
comment on column public.bss_account.is_reseller is 'NULL: nobody has said so, which is not yes.';
comment on column public.bss_account.currency is 'The base currency that contracts are billed in.';
comment on column public.bss_account.transaction_currency is 'What invoices are converted to, at the rate of the invoice date.';

create table public.bss_account_address (
	address_id    uuid primary key default gen_random_uuid(),
	account_id    integer not null references public.bss_account,
	is_billing    boolean not null default false,
	address1      text,
	address2      text,
	city          text,
	region        text,
	state_code    text,
	post_code     text,
	country_code  char(2)
);
create unique index bss_account_address_billing on public.bss_account_address (account_id) where is_billing;
comment on table public.bss_account_address is 'At most one billing address an account.';
comment on column public.bss_account_address.post_code is 'Text: many begin with a zero.';

create table public.bss_account_sync (
	account_id   integer not null references public.bss_account,
	system_code  text not null,
	external_id  text,
	username     text,
	role         text,
	sync_status  text,
	synced_at    timestamptz,
	primary key (account_id, system_code)
);
comment on table public.bss_account_sync is 'An account as another system knows it; system_code acronis: tenant id and login.';

create table public.bss_product (
	product_id         uuid primary key default gen_random_uuid(),
	code               text not null unique,
	name               text not null,
	product_type_code  text not null,
	tier_code          text,
	billing_model      text not null default 'PPU' check (billing_model in ('PPU', 'PREPAID')),
	billing_day        integer not null default 1 check (billing_day between 1 and 28),
	sellable           boolean not null default true
);
comment on column public.bss_product.tier_code is 'The characteristic Tier of a contract product.';

create table public.bss_order (
	order_id           text primary key,
	parent_order_id    text references public.bss_order,
	code               text,
	order_date         timestamptz,
	account_id         integer not null references public.bss_account,
	end_customer_id    integer references public.bss_account,
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
comment on column public.bss_order.parent_order_id is 'Delivering some items of an order makes a sub-order.';
comment on column public.bss_order.status_name is 'Draft, Submitted, Executed, Canceled, or the site''s own words.';
comment on column public.bss_order.terms_accepted is 'What the checkout was answered; NULL: it did not ask, as in the back office.';

create table public.bss_order_item (
	order_item_id    text primary key,
	order_id         text not null references public.bss_order,
	product_id       uuid references public.bss_product,
	tier_code        text,
	subscription_id  uuid,
	quantity         integer not null default 1,
	action           text,
	requested_start  date,
	delivery_status  text
);
create index bss_order_item_order on public.bss_order_item (order_id);
comment on table public.bss_order_item is 'One product of an order: the unit of work. An order without items of its own has one with its own id.';
comment on column public.bss_order_item.tier_code is 'The characteristic Tier as ordered.';
comment on column public.bss_order_item.subscription_id is 'What a change is for; of a new contract the subscription that it became. No foreign key: old ones are archived.';
comment on column public.bss_order_item.delivery_status is 'NULL or Pending until it is delivered, then Executed; Canceled.';

create table public.bss_subscription (
	subscription_id    uuid primary key,
	external_id        text,
	account_id         integer not null references public.bss_account,
	order_item_id      text unique references public.bss_order_item,
	product_id         uuid references public.bss_product,
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
create index bss_subscription_account on public.bss_subscription (account_id);
comment on column public.bss_subscription.external_id is 'The tenant''s UUID in Acronis.';
comment on column public.bss_subscription.order_item_id is 'The order item that made it: unique, so that none makes two.';
comment on column public.bss_subscription.sync_status is 'Provisioning sync status: Pending, Synchronized, Failed.';
comment on column public.bss_subscription.sync_comment is 'Why it failed, as the BSS shows it.';

create table public.bss_invoice (
	invoice_id          text primary key,
	code                text not null,
	invoice_date        date not null,
	due_date            date,
	stage               text not null default 'Approved',
	billing_account_id  integer not null references public.bss_account,
	currency            char(3) not null,
	fx_rate             numeric(18,8) check (fx_rate > 0),
	total               numeric(18,6) not null
);
create table public.bss_invoice_item (
	invoice_item_id  text primary key,
	invoice_id       text not null references public.bss_invoice,
	subscription_id  uuid not null references public.bss_subscription,
	period_start     date not null,
	period_end       date not null check (period_end >= period_start),
	kind             text not null check (kind in ('usage', 'commitment', 'credit')),
	quantity         numeric(18,6) not null default 1,
	unit_cost        numeric(18,6),
	unit_price       numeric(18,6) not null,
	total_cost       numeric(18,6),
	total            numeric(18,6) not null
);
create index bss_invoice_item_invoice on public.bss_invoice_item (invoice_id);
comment on column public.bss_invoice.fx_rate is 'From the account''s base currency to the invoice''s, of the invoice date.';

create table public.bss_fx_rate (
	from_ccy    char(3) not null,
	to_ccy      char(3) not null,
	rate        numeric(18,8) not null check (rate > 0),
	valid_from  date not null,
	valid_to    date check (valid_to >= valid_from),
	primary key (from_ccy, to_ccy, valid_from)
);
comment on table public.bss_fx_rate is 'rate units of to_ccy for one of from_ccy; the two directions are records of their own.';

-- ---------------------------------------------------------------------------------------------------------------------------
-- The role reads this, and changes it only through the functions of tenantry.sql. It has no password here: give it one, or a
-- certificate, and say in pg_hba.conf from where it may come (hostssl).
do $$
begin
	if not exists (select from pg_roles where rolname = 'tenantry') then
		create role tenantry login noinherit connection limit 8;
	end if;
end $$;
grant usage on schema public to tenantry;
grant select on public.bss_account, public.bss_account_address, public.bss_account_sync, public.bss_product, public.bss_order,
	public.bss_order_item, public.bss_subscription, public.bss_invoice, public.bss_invoice_item, public.bss_fx_rate to tenantry;
commit;
\ir tenantry.sql
