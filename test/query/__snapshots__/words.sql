-- {"field":"title","operator":"words","value":"sales vice"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.title_folded like $1
  and t.title_folded like $2)
  order by t.id
  limit $3
-- $1 = "%sales%"
-- $2 = "%vice%"
-- $3 = 101

-- {"field":"title","operator":"words","value":"sal presid"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.title_folded like $1
  and t.title_folded like $2)
  order by t.id
  limit $3
-- $1 = "%sal%"
-- $2 = "%presid%"
-- $3 = 101

-- {"field":"title","operator":"words","value":{"text":"owner cto","match":"any"}}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.title_folded like $1
  or t.title_folded like $2)
  order by t.id
  limit $3
-- $1 = "%owner%"
-- $2 = "%cto%"
-- $3 = 101

-- {"field":"title","operator":"words","value":{"text":"president","unit":"whole"}}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.title_folded ~ $1)
  order by t.id
  limit $2
-- $1 = "(?:^|[breaks])president(?:$|[breaks])"
-- $2 = 101

-- {"field":"title","operator":"words","value":{"text":"presid","unit":"whole"}}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.title_folded ~ $1)
  order by t.id
  limit $2
-- $1 = "(?:^|[breaks])presid(?:$|[breaks])"
-- $2 = 101

-- {"field":"title","operator":"words","value":{"text":"Présidente vice","unit":"whole"}}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.title_folded ~ $1
  and t.title_folded ~ $2)
  order by t.id
  limit $3
-- $1 = "(?:^|[breaks])presidente(?:$|[breaks])"
-- $2 = "(?:^|[breaks])vice(?:$|[breaks])"
-- $3 = 101

-- {"field":"title","operator":"words","value":{"text":"vp cto","unit":"whole","match":"any"}}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.title_folded ~ $1
  or t.title_folded ~ $2)
  order by t.id
  limit $3
-- $1 = "(?:^|[breaks])vp(?:$|[breaks])"
-- $2 = "(?:^|[breaks])cto(?:$|[breaks])"
-- $3 = 101

-- {"field":"title","operator":"words","value":{"text":"C++","unit":"whole"}}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.title_folded ~ $1)
  order by t.id
  limit $2
-- $1 = "(?:^|[breaks])c(?:$|[breaks])"
-- $2 = 101

-- {"field":"title","operator":"words","value":{"text":".net","unit":"whole"}}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.title_folded ~ $1)
  order by t.id
  limit $2
-- $1 = "(?:^|[breaks])net(?:$|[breaks])"
-- $2 = 101

-- {"field":"title","operator":"words","value":"c++ .net"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.title_folded like $1
  and t.title_folded like $2)
  order by t.id
  limit $3
-- $1 = "%c++%"
-- $2 = "%.net%"
-- $3 = 101

-- {"field":"email","operator":"words","value":"@acme.com"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.email_folded like $1)
  order by t.id
  limit $2
-- $1 = "%@acme.com%"
-- $2 = 101

-- {"field":"title","operator":"words","value":""}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  order by t.id
  limit $1
-- $1 = 101

-- {"field":"title","operator":"words","value":{"text":"-","unit":"whole"}}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  order by t.id
  limit $1
-- $1 = 101

-- {"not":{"field":"title","operator":"words","value":"sales"}}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and ((t.title_folded like $1)) is not true
  order by t.id
  limit $2
-- $1 = "%sales%"
-- $2 = 101
