-- {"field":"departments","operator":"eq","value":"SALES"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.departments_folded like $1
  order by t.id
  limit $2
-- $1 = "%\u001fsales\u001f%"
-- $2 = 101

-- {"field":"departments","operator":"eq","value":"sale"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.departments_folded like $1
  order by t.id
  limit $2
-- $1 = "%\u001fsale\u001f%"
-- $2 = 101

-- {"field":"departments","operator":"eq","value":"marketing, brand"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.departments_folded like $1
  order by t.id
  limit $2
-- $1 = "%\u001fmarketing, brand\u001f%"
-- $2 = 101

-- {"field":"departments","operator":"eq","value":"r&d_100%"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.departments_folded like $1
  order by t.id
  limit $2
-- $1 = "%\u001fr&d\\_100\\%\u001f%"
-- $2 = 101

-- {"field":"departments","operator":"eq","value":"r&d%"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.departments_folded like $1
  order by t.id
  limit $2
-- $1 = "%\u001fr&d\\%\u001f%"
-- $2 = 101

-- {"field":"departments","operator":"ne","value":"sales"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.departments_folded like $1) is not true
  order by t.id
  limit $2
-- $1 = "%\u001fsales\u001f%"
-- $2 = 101

-- {"field":"departments","operator":"in","value":["sales","C-suite"]}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.departments_folded like any($1::text[])
  order by t.id
  limit $2
-- $1 = ["%\u001fsales\u001f%","%\u001fc-suite\u001f%"]
-- $2 = 101

-- {"field":"departments","operator":"nin","value":["sales","C-suite"]}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.departments_folded like any($1::text[])) is not true
  order by t.id
  limit $2
-- $1 = ["%\u001fsales\u001f%","%\u001fc-suite\u001f%"]
-- $2 = 101

-- {"field":"departments","operator":"in","value":[]}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.departments_folded like any($1::text[])
  order by t.id
  limit $2
-- $1 = []
-- $2 = 101

-- {"field":"departments","operator":"contains","value":"suite"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.departments_folded like $1
  order by t.id
  limit $2
-- $1 = "%suite%"
-- $2 = 101

-- {"field":"departments","operator":"contains","value":"sales, m"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.departments_folded like $1
  order by t.id
  limit $2
-- $1 = "%sales, m%"
-- $2 = 101

-- {"field":"departments","operator":"contains","value":"_"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.departments_folded like $1
  order by t.id
  limit $2
-- $1 = "%\\_%"
-- $2 = 101

-- {"field":"departments","operator":"ncontains","value":"sale"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.departments_folded like $1) is not true
  order by t.id
  limit $2
-- $1 = "%sale%"
-- $2 = 101

-- {"field":"departments","operator":"words","value":"sales brand"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.departments_folded like $1
  and t.departments_folded like $2)
  order by t.id
  limit $3
-- $1 = "%sales%"
-- $2 = "%brand%"
-- $3 = 101

-- {"field":"departments","operator":"words","value":{"text":"brand engineering","match":"any","unit":"whole"}}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.departments_folded ~ $1
  or t.departments_folded ~ $2)
  order by t.id
  limit $3
-- $1 = "(?:^|[breaks])brand(?:$|[breaks])"
-- $2 = "(?:^|[breaks])engineering(?:$|[breaks])"
-- $3 = 101

-- {"field":"departments","operator":"phrase","value":"marketing brand"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.departments_folded ~ $1
  order by t.id
  limit $2
-- $1 = "(?:^|[breaks])marketing[gaps]+brand(?:$|[breaks])"
-- $2 = 101

-- {"field":"departments","operator":"phrase","value":{"text":"sales marketing","slop":5}}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.departments_folded ~ $1
  order by t.id
  limit $2
-- $1 = "(?:^|[breaks])sales[gaps]+(?:[^breaks]+[gaps]+){0,5}marketing(?:$|[breaks])"
-- $2 = 101

-- {"field":"departments","operator":"exists"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.departments_folded is not null
  order by t.id
  limit $1
-- $1 = 101

-- {"field":"departments","operator":"nexists"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.departments_folded is not null) is not true
  order by t.id
  limit $1
-- $1 = 101
