SELECT head FROM audits WHERE number > 0 ORDER BY number DESC LIMIT 1
