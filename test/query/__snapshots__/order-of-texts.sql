-- {"field":"first_name","operator":"lt","value":"bob"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.first_name_folded < $1
  order by t.id
  limit $2
-- $1 = "bob"
-- $2 = 101

-- {"field":"first_name","operator":"lte","value":"BOB"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.first_name_folded <= $1
  order by t.id
  limit $2
-- $1 = "bob"
-- $2 = 101

-- {"field":"first_name","operator":"gt","value":"hana"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.first_name_folded > $1
  order by t.id
  limit $2
-- $1 = "hana"
-- $2 = 101

-- {"field":"first_name","operator":"gte","value":"é"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.first_name_folded >= $1
  order by t.id
  limit $2
-- $1 = "é\u0001e"
-- $2 = 101

-- {"field":"stage","operator":"gt","value":""}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.stage_folded > $1
  order by t.id
  limit $2
-- $1 = ""
-- $2 = 101
