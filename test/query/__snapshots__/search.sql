-- {"field":"search","operator":"words","value":"acme"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and ((t.search_folded like $2
  or t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and company.search_folded like $1)))
  order by t.id
  limit $3
-- $1 = "%acme%"
-- $2 = "%acme%"
-- $3 = 101

-- {"field":"search","operator":"words","value":"cto jose"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and ((t.search_folded like $2
  or t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and company.search_folded like $1))
  and (t.search_folded like $4
  or t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and company.search_folded like $3)))
  order by t.id
  limit $5
-- $1 = "%cto%"
-- $2 = "%cto%"
-- $3 = "%jose%"
-- $4 = "%jose%"
-- $5 = 101

-- {"field":"search","operator":"words","value":"ann@acme.com"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and ((t.search_folded like $2
  or t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and company.search_folded like $1)))
  order by t.id
  limit $3
-- $1 = "%ann@acme.com%"
-- $2 = "%ann@acme.com%"
-- $3 = 101

-- {"field":"search","operator":"words","value":"cto sohne"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and ((t.search_folded like $2
  or t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and company.search_folded like $1))
  and (t.search_folded like $4
  or t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and company.search_folded like $3)))
  order by t.id
  limit $5
-- $1 = "%cto%"
-- $2 = "%cto%"
-- $3 = "%sohne%"
-- $4 = "%sohne%"
-- $5 = 101

-- {"field":"search","operator":"words","value":"societe SALES"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and ((t.search_folded like $2
  or t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and company.search_folded like $1))
  and (t.search_folded like $4
  or t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and company.search_folded like $3)))
  order by t.id
  limit $5
-- $1 = "%societe%"
-- $2 = "%societe%"
-- $3 = "%sales%"
-- $4 = "%sales%"
-- $5 = 101

-- {"field":"search","operator":"words","value":{"text":"canada france","match":"any"}}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and ((t.search_folded like $2
  or t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and company.search_folded like $1))
  or (t.search_folded like $4
  or t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and company.search_folded like $3)))
  order by t.id
  limit $5
-- $1 = "%canada%"
-- $2 = "%canada%"
-- $3 = "%france%"
-- $4 = "%france%"
-- $5 = 101

-- {"field":"search","operator":"words","value":{"text":"acme sales","unit":"whole"}}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and ((t.search_folded ~ $2
  or t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and company.search_folded ~ $1))
  and (t.search_folded ~ $4
  or t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and company.search_folded ~ $3)))
  order by t.id
  limit $5
-- $1 = "(?:^|[breaks])acme(?:$|[breaks])"
-- $2 = "(?:^|[breaks])acme(?:$|[breaks])"
-- $3 = "(?:^|[breaks])sales(?:$|[breaks])"
-- $4 = "(?:^|[breaks])sales(?:$|[breaks])"
-- $5 = 101

-- {"field":"search","operator":"words","value":{"text":"acm","unit":"whole"}}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and ((t.search_folded ~ $2
  or t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and company.search_folded ~ $1)))
  order by t.id
  limit $3
-- $1 = "(?:^|[breaks])acm(?:$|[breaks])"
-- $2 = "(?:^|[breaks])acm(?:$|[breaks])"
-- $3 = 101

-- {"field":"search","operator":"words","value":{"text":"soc sales","unit":"whole","match":"any"}}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and ((t.search_folded ~ $2
  or t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and company.search_folded ~ $1))
  or (t.search_folded ~ $4
  or t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and company.search_folded ~ $3)))
  order by t.id
  limit $5
-- $1 = "(?:^|[breaks])soc(?:$|[breaks])"
-- $2 = "(?:^|[breaks])soc(?:$|[breaks])"
-- $3 = "(?:^|[breaks])sales(?:$|[breaks])"
-- $4 = "(?:^|[breaks])sales(?:$|[breaks])"
-- $5 = 101

-- {"field":"search","operator":"words","value":"in/grete"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and ((t.search_folded like $2
  or t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and company.search_folded like $1)))
  order by t.id
  limit $3
-- $1 = "%in/grete%"
-- $2 = "%in/grete%"
-- $3 = 101

-- {"field":"search","operator":"words","value":"%"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and ((t.search_folded like $2
  or t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and company.search_folded like $1)))
  order by t.id
  limit $3
-- $1 = "%\\%%"
-- $2 = "%\\%%"
-- $3 = 101

-- {"field":"search","operator":"words","value":""}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  order by t.id
  limit $1
-- $1 = 101

-- {"not":{"field":"search","operator":"words","value":"acme"}}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (((t.search_folded like $2
  or t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and company.search_folded like $1)))) is not true
  order by t.id
  limit $3
-- $1 = "%acme%"
-- $2 = "%acme%"
-- $3 = 101

-- {"field":"search","operator":"words","value":"ontario"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and ((t.search_folded like $2
  or t.company_row in (select company.id
  from companies company
  where company.deleted_at is null
  and company.search_folded like $1)))
  order by t.id
  limit $3
-- $1 = "%ontario%"
-- $2 = "%ontario%"
-- $3 = 101
