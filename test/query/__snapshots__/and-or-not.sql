-- {}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  order by t.id
  limit $1
-- $1 = 101

-- {"and":[],"or":[]}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  order by t.id
  limit $1
-- $1 = 101

-- {"not":{}}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (true) is not true
  order by t.id
  limit $1
-- $1 = 101

-- {"and":[{"field":"title","operator":"contains","value":"sales"},{"field":"seniority","operator":"eq","value":"vp"}]}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.title_folded like $1
  and t.seniority_folded = $2)
  order by t.id
  limit $3
-- $1 = "%sales%"
-- $2 = "vp"
-- $3 = 101

-- {"or":[{"field":"title","operator":"eq","value":"cto"},{"field":"city","operator":"eq","value":"toronto"}]}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.title_folded = $1
  or t.city_folded = $2)
  order by t.id
  limit $3
-- $1 = "cto"
-- $2 = "toronto"
-- $3 = 101

-- {"and":[{"field":"city","operator":"eq","value":"toronto"}],"or":[{"field":"title","operator":"eq","value":"vp sales"},{"field":"title","operator":"eq","value":"cto"}]}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.city_folded = $1
  and (t.title_folded = $2
  or t.title_folded = $3))
  order by t.id
  limit $4
-- $1 = "toronto"
-- $2 = "vp sales"
-- $3 = "cto"
-- $4 = 101

-- {"and":[{"field":"seniority","operator":"eq","value":"vp"}],"not":{"field":"departments","operator":"eq","value":"sales"}}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.seniority_folded = $1
  and (t.departments_folded like $2) is not true)
  order by t.id
  limit $3
-- $1 = "vp"
-- $2 = "%\u001fsales\u001f%"
-- $3 = 101

-- {"not":{"or":[{"field":"title","operator":"exists"},{"field":"city","operator":"exists"}]}}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and ((t.title_folded is not null
  or t.city_folded is not null)) is not true
  order by t.id
  limit $1
-- $1 = 101

-- {"not":{"not":{"field":"stage","operator":"eq","value":"cold"}}}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and ((t.stage_folded = $1) is not true) is not true
  order by t.id
  limit $2
-- $1 = "cold"
-- $2 = 101

-- {"not":{"field":"stage","operator":"eq","value":"cold"}}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.stage_folded = $1) is not true
  order by t.id
  limit $2
-- $1 = "cold"
-- $2 = 101

-- {"not":{"field":"stage","operator":"ne","value":"cold"}}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and ((t.stage_folded = $1) is not true) is not true
  order by t.id
  limit $2
-- $1 = "cold"
-- $2 = 101

-- {"and":[{},{"field":"stage","operator":"eq","value":"cold"}]}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (true
  and t.stage_folded = $1)
  order by t.id
  limit $2
-- $1 = "cold"
-- $2 = 101

-- {"or":[{},{"field":"stage","operator":"eq","value":"cold"}]}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (true
  or t.stage_folded = $1)
  order by t.id
  limit $2
-- $1 = "cold"
-- $2 = 101

-- {"and":[{"field":"company.city","operator":"contains","value":"san"},{"field":"company.industries","operator":"contains","value":"soft"},{"field":"title","operator":"exists"}]}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.title_folded is not null
  and t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and (company.city_folded like $1
  and company.industries_folded like $2)))
  order by t.id
  limit $3
-- $1 = "%san%"
-- $2 = "%soft%"
-- $3 = 101

-- {"or":[{"field":"company.city","operator":"eq","value":"paris"},{"field":"company.industries","operator":"eq","value":"retail"},{"field":"title","operator":"eq","value":"vp sales"}]}
explain (format json) select
  from contacts t
  where t.title_folded = $1
-- $1 = "vp sales"
explain (format json) select
  from contacts t
  where t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and (company.city_folded = $1
  or company.industries_folded like $2))
-- $1 = "paris"
-- $2 = "%\u001fretail\u001f%"
select *
  from ((select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.title_folded = $1
  order by t.id
  limit $4) union (select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and (company.city_folded = $2
  or company.industries_folded like $3))
  order by t.id
  limit $4)) taken
  order by k0
  limit $5
-- $1 = "vp sales"
-- $2 = "paris"
-- $3 = "%\u001fretail\u001f%"
-- $4 = 101
-- $5 = 101

-- {"and":[{"field":"company.city","operator":"nexists"},{"field":"company.name","operator":"exists"}]}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and ((t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and (company.city_folded is not null))) is not true
  and t.company_name_folded is not null)
  order by t.id
  limit $1
-- $1 = 101
