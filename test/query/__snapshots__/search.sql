-- {"field":"search","operator":"words","value":"acme"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.search_folded like $1)
  order by t.id
  limit $2
-- $1 = "%acme%"
-- $2 = 101

-- {"field":"search","operator":"words","value":"cto jose"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.search_folded like $1
  and t.search_folded like $2)
  order by t.id
  limit $3
-- $1 = "%cto%"
-- $2 = "%jose%"
-- $3 = 101

-- {"field":"search","operator":"words","value":"ann@acme.com"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.search_folded like $1)
  order by t.id
  limit $2
-- $1 = "%ann@acme.com%"
-- $2 = 101

-- {"field":"search","operator":"words","value":"cto sohne"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.search_folded like $1
  and t.search_folded like $2)
  order by t.id
  limit $3
-- $1 = "%cto%"
-- $2 = "%sohne%"
-- $3 = 101

-- {"field":"search","operator":"words","value":"societe SALES"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.search_folded like $1
  and t.search_folded like $2)
  order by t.id
  limit $3
-- $1 = "%societe%"
-- $2 = "%sales%"
-- $3 = 101

-- {"field":"search","operator":"words","value":{"text":"canada france","match":"any"}}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.search_folded like $1
  or t.search_folded like $2)
  order by t.id
  limit $3
-- $1 = "%canada%"
-- $2 = "%france%"
-- $3 = 101

-- {"field":"search","operator":"words","value":{"text":"acme sales","unit":"whole"}}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.search_folded ~ $1
  and t.search_folded ~ $2)
  order by t.id
  limit $3
-- $1 = "(?:^|[breaks])acme(?:$|[breaks])"
-- $2 = "(?:^|[breaks])sales(?:$|[breaks])"
-- $3 = 101

-- {"field":"search","operator":"words","value":{"text":"acm","unit":"whole"}}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.search_folded ~ $1)
  order by t.id
  limit $2
-- $1 = "(?:^|[breaks])acm(?:$|[breaks])"
-- $2 = 101

-- {"field":"search","operator":"words","value":{"text":"soc sales","unit":"whole","match":"any"}}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.search_folded ~ $1
  or t.search_folded ~ $2)
  order by t.id
  limit $3
-- $1 = "(?:^|[breaks])soc(?:$|[breaks])"
-- $2 = "(?:^|[breaks])sales(?:$|[breaks])"
-- $3 = 101

-- {"field":"search","operator":"words","value":"in/grete"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.search_folded like $1)
  order by t.id
  limit $2
-- $1 = "%in/grete%"
-- $2 = 101

-- {"field":"search","operator":"words","value":"%"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.search_folded like $1)
  order by t.id
  limit $2
-- $1 = "%\\%%"
-- $2 = 101

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
  and ((t.search_folded like $1)) is not true
  order by t.id
  limit $2
-- $1 = "%acme%"
-- $2 = 101

-- {"field":"search","operator":"words","value":"ontario"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.search_folded like $1)
  order by t.id
  limit $2
-- $1 = "%ontario%"
-- $2 = 101
