-- {"field":"title","operator":"exists"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.title_folded is not null
  order by t.id
  limit $1
-- $1 = 101

-- {"field":"title","operator":"nexists"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.title_folded is not null) is not true
  order by t.id
  limit $1
-- $1 = 101

-- {"field":"title","operator":"exists","value":false}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.title_folded is not null) is not true
  order by t.id
  limit $1
-- $1 = 101

-- {"field":"title","operator":"nexists","value":false}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and ((t.title_folded is not null) is not true) is not true
  order by t.id
  limit $1
-- $1 = 101

-- {"field":"meta_data","operator":"exists"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.meta_data is not null
  order by t.id
  limit $1
-- $1 = 101

-- {"field":"location","operator":"nexists"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.location_folded is not null) is not true
  order by t.id
  limit $1
-- $1 = 101
