-- {"field":"title","operator":"eq","value":"CTO"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.title_folded = $1
  order by t.id
  limit $2
-- $1 = "cto"
-- $2 = 101

-- {"field":"title","operator":"eq","value":" cTo "}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.title_folded = $1
  order by t.id
  limit $2
-- $1 = "cto"
-- $2 = 101

-- {"field":"title","operator":"ne","value":"cto"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.title_folded = $1) is not true
  order by t.id
  limit $2
-- $1 = "cto"
-- $2 = 101

-- {"field":"first_name","operator":"eq","value":"CHLOÉ"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.first_name_folded = $1
  order by t.id
  limit $2
-- $1 = "chloé\u0001chloe"
-- $2 = 101

-- {"field":"first_name","operator":"eq","value":"CHLOÉ"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.first_name_folded = $1
  order by t.id
  limit $2
-- $1 = "chloé\u0001chloe"
-- $2 = 101

-- {"field":"first_name","operator":"eq","value":"chloe"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.first_name_folded = $1
  order by t.id
  limit $2
-- $1 = "chloe"
-- $2 = 101

-- {"field":"first_name","operator":"eq","value":"ipek"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.first_name_folded = $1
  order by t.id
  limit $2
-- $1 = "ipek"
-- $2 = 101

-- {"field":"title","operator":"eq","value":"100%"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.title_folded = $1
  order by t.id
  limit $2
-- $1 = "100%"
-- $2 = 101

-- {"field":"title","operator":"eq","value":"A_B \\ \"QUOTED\", c++ / .net"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.title_folded = $1
  order by t.id
  limit $2
-- $1 = "a_b \\ \"quoted\", c++ / .net"
-- $2 = 101

-- {"field":"title","operator":"eq","value":""}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.title_folded = $1
  order by t.id
  limit $2
-- $1 = ""
-- $2 = 101

-- {"field":"title","operator":"in","value":["CTO","vp sales","nobody"]}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.title_folded = any($1::text[])
  order by t.id
  limit $2
-- $1 = ["cto","vp sales","nobody"]
-- $2 = 101

-- {"field":"title","operator":"in","value":[]}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.title_folded = any($1::text[])
  order by t.id
  limit $2
-- $1 = []
-- $2 = 101

-- {"field":"title","operator":"nin","value":["CTO","vp sales"]}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.title_folded = any($1::text[])) is not true
  order by t.id
  limit $2
-- $1 = ["cto","vp sales"]
-- $2 = 101

-- {"field":"title","operator":"nin","value":[]}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.title_folded = any($1::text[])) is not true
  order by t.id
  limit $2
-- $1 = []
-- $2 = 101

-- {"field":"email","operator":"eq","value":"BOB@acme.COM"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.email_folded = $1
  order by t.id
  limit $2
-- $1 = "bob@acme.com"
-- $2 = 101

-- {"field":"last_name","operator":"eq","value":"o'neil"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.last_name_folded = $1
  order by t.id
  limit $2
-- $1 = "o'neil"
-- $2 = 101
