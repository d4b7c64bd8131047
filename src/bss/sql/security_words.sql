-- Order statuses that only one side calls pending, and actions that leave another status here: a sentence each. $1: the job's pending
-- words; $2 and $3: the program's actions, and their statuses. An action that is not here is forbidden, which a site may want. Run with a
-- path of pg_catalog alone.
with job (word) as (
	select distinct lower(trim(w)) from unnest($1::text[]) w
), here (word) as (
	select distinct lower(trim(t.word)) from (table tenantry.word) t where t.kind = 'pending'
), only_job (words) as (
	select string_agg(format('"%s"', word), ', ' order by word) from (select word from job except select word from here) a
), only_here (words) as (
	select string_agg(format('"%s"', word), ', ' order by word) from (select word from here except select word from job) a
)
select 'bss.order_status.pending of the job has ' || words || ', and tenantry.word has not: such orders are refused' from only_job where words is not null
union all
select 'tenantry.word calls ' || words || ' pending, and bss.order_status.pending of the job does not: more may be written than the job reads'
from only_here where words is not null
union all
select format('after the action "%s" tenantry.word has the status "%s", and this program "%s": such orders are refused', t.word, t.status, p.status)
from unnest($2::text[], $3::text[]) p (action, status)
join (table tenantry.word) t on t.kind = 'action' and t.word = p.action and t.status <> p.status
