-- {"field":"company.name","operator":"eq","value":"acme"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.company_name_folded = $1
  order by t.id
  limit $2
-- $1 = "acme"
-- $2 = 101

-- {"field":"company.name","operator":"ne","value":"acme"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.company_name_folded = $1) is not true
  order by t.id
  limit $2
-- $1 = "acme"
-- $2 = 101

-- {"field":"company.name","operator":"contains","value":"acme"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and (company.name_folded like $1))
  order by t.id
  limit $2
-- $1 = "%acme%"
-- $2 = 101

-- {"field":"company.name","operator":"contains","value":"SOHNE_"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and (company.name_folded like $1))
  order by t.id
  limit $2
-- $1 = "%sohne\\_%"
-- $2 = 101

-- {"field":"company.name","operator":"in","value":["ACME","acme, inc"]}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.company_name_folded = any($1::text[])
  order by t.id
  limit $2
-- $1 = ["acme","acme, inc"]
-- $2 = 101

-- {"field":"company.name","operator":"nexists"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.company_name_folded is not null) is not true
  order by t.id
  limit $1
-- $1 = 101

-- {"field":"company.name","operator":"gt","value":"b"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.company_name_folded > $1
  order by t.id
  limit $2
-- $1 = "b"
-- $2 = 101

-- {"field":"company.employees_count","operator":"gt","value":49.5}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.company_employees_count > $1::bigint
  order by t.id
  limit $2
-- $1 = "49"
-- $2 = 101

-- {"field":"company.employees_count","operator":"lte","value":5000}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.company_employees_count <= $1::bigint
  order by t.id
  limit $2
-- $1 = "5000"
-- $2 = 101

-- {"field":"company.annual_revenue","operator":"eq","value":9007199254740991}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.company_annual_revenue = $1::bigint
  order by t.id
  limit $2
-- $1 = "9007199254740991"
-- $2 = 101

-- {"field":"company.annual_revenue","operator":"lt","value":1.2089258196146292e+24}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.company_annual_revenue is not null
  order by t.id
  limit $1
-- $1 = 101

-- {"field":"company.industries","operator":"eq","value":"Software"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and (company.industries_folded like $1))
  order by t.id
  limit $2
-- $1 = "%\u001fsoftware\u001f%"
-- $2 = 101

-- {"field":"company.industries","operator":"ne","value":"software"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and (company.industries_folded like $1))) is not true
  order by t.id
  limit $2
-- $1 = "%\u001fsoftware\u001f%"
-- $2 = 101

-- {"field":"company.industries","operator":"eq","value":"saas, b2b"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and (company.industries_folded like $1))
  order by t.id
  limit $2
-- $1 = "%\u001fsaas, b2b\u001f%"
-- $2 = 101

-- {"field":"company.keywords","operator":"contains","value":"epargne"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and (company.keywords_folded like $1))
  order by t.id
  limit $2
-- $1 = "%epargne%"
-- $2 = 101

-- {"field":"company.keywords","operator":"nexists"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and (company.keywords_folded is not null))) is not true
  order by t.id
  limit $1
-- $1 = 101

-- {"field":"company.location","operator":"contains","value":"koln"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and (company.location_folded like $1))
  order by t.id
  limit $2
-- $1 = "%koln%"
-- $2 = 101

-- {"field":"company.location","operator":"words","value":{"text":"main jose","unit":"whole"}}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and ((company.location_folded ~ $1
  and company.location_folded ~ $2)))
  order by t.id
  limit $3
-- $1 = "(?:^|[breaks])main(?:$|[breaks])"
-- $2 = "(?:^|[breaks])jose(?:$|[breaks])"
-- $3 = 101

-- {"field":"company.uuid","operator":"eq","value":"00000000-0000-4000-8000-000000000102"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and (company.uuid = $1::uuid))
  order by t.id
  limit $2
-- $1 = "00000000-0000-4000-8000-000000000102"
-- $2 = 101

-- {"field":"company.phone_number","operator":"lt","value":"+2"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and (company.phone_number_folded < $1))
  order by t.id
  limit $2
-- $1 = "+2"
-- $2 = 101

-- {"field":"company.city","operator":"words","value":""}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  order by t.id
  limit $1
-- $1 = 101
