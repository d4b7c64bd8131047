-- Exchange rates with their validity.
select
	from_ccy    as "From",
	to_ccy      as "To",
	rate        as "Rate",
	valid_from  as "Valid From",
	valid_to    as "Valid To"
from bss_fx_rate
order by from_ccy, to_ccy, valid_from
