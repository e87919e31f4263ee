-- {"field":"name","operator":"contains","value":"acme"}
select t.id, t.id as k0
  from companies t
  where t.deleted_at is null
  and t.name_folded like $1
  order by t.id
  limit $2
-- $1 = "%acme%"
-- $2 = 101

-- {"field":"name","operator":"eq","value":"ACME, INC"}
select t.id, t.id as k0
  from companies t
  where t.deleted_at is null
  and t.name_folded = $1
  order by t.id
  limit $2
-- $1 = "acme, inc"
-- $2 = 101

-- {"field":"industries","operator":"in","value":["SOFTWARE","retail"]}
select t.id, t.id as k0
  from companies t
  where t.deleted_at is null
  and t.industries_folded like any($1::text[])
  order by t.id
  limit $2
-- $1 = ["%\u001fsoftware\u001f%","%\u001fretail\u001f%"]
-- $2 = 101

-- {"field":"keywords","operator":"exists"}
select t.id, t.id as k0
  from companies t
  where t.deleted_at is null
  and t.keywords_folded is not null
  order by t.id
  limit $1
-- $1 = 101

-- {"field":"keywords","operator":"words","value":"100%"}
select t.id, t.id as k0
  from companies t
  where t.deleted_at is null
  and (t.keywords_folded like $1)
  order by t.id
  limit $2
-- $1 = "%100\\%%"
-- $2 = 101

-- {"field":"employees_count","operator":"gte","value":50}
select t.id, t.id as k0
  from companies t
  where t.deleted_at is null
  and t.employees_count >= $1::bigint
  order by t.id
  limit $2
-- $1 = "50"
-- $2 = 101

-- {"field":"employees_count","operator":"nexists"}
select t.id, t.id as k0
  from companies t
  where t.deleted_at is null
  and (t.employees_count is not null) is not true
  order by t.id
  limit $1
-- $1 = 101

-- {"field":"location","operator":"eq","value":"1 main st, san josé, ca, united states"}
select t.id, t.id as k0
  from companies t
  where t.deleted_at is null
  and t.location_folded = $1
  order by t.id
  limit $2
-- $1 = "1 main st, san josé, ca, united states\u00011 main st, san jose, ca, united states"
-- $2 = 101

-- {"field":"search","operator":"words","value":"societe.example"}
select t.id, t.id as k0
  from companies t
  where t.deleted_at is null
  and (t.search_folded like $1)
  order by t.id
  limit $2
-- $1 = "%societe.example%"
-- $2 = 101

-- {"field":"search","operator":"words","value":"paris france"}
select t.id, t.id as k0
  from companies t
  where t.deleted_at is null
  and (t.search_folded like $1
  and t.search_folded like $2)
  order by t.id
  limit $3
-- $1 = "%paris%"
-- $2 = "%france%"
-- $3 = 101

-- {"field":"search","operator":"words","value":"bonn"}
select t.id, t.id as k0
  from companies t
  where t.deleted_at is null
  and (t.search_folded like $1)
  order by t.id
  limit $2
-- $1 = "%bonn%"
-- $2 = 101

-- {"field":"search","operator":"words","value":"main"}
select t.id, t.id as k0
  from companies t
  where t.deleted_at is null
  and (t.search_folded like $1)
  order by t.id
  limit $2
-- $1 = "%main%"
-- $2 = 101

-- {"field":"name","operator":"contains","value":"ghost"}
select t.id, t.id as k0
  from companies t
  where t.deleted_at is null
  and t.name_folded like $1
  order by t.id
  limit $2
-- $1 = "%ghost%"
-- $2 = 101
