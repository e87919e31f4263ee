-- {"field":"title","operator":"phrase","value":"vice president"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.title_folded ~ $1
  order by t.id
  limit $2
-- $1 = "(?:^|[breaks])vice[gaps]+president(?:$|[breaks])"
-- $2 = 101

-- {"field":"title","operator":"phrase","value":"VICE PRÉSIDENTE"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.title_folded ~ $1
  order by t.id
  limit $2
-- $1 = "(?:^|[breaks])vice[gaps]+presidente(?:$|[breaks])"
-- $2 = 101

-- {"field":"title","operator":"phrase","value":"president vice"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.title_folded ~ $1
  order by t.id
  limit $2
-- $1 = "(?:^|[breaks])president[gaps]+vice(?:$|[breaks])"
-- $2 = 101

-- {"field":"title","operator":"phrase","value":"vice sales"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.title_folded ~ $1
  order by t.id
  limit $2
-- $1 = "(?:^|[breaks])vice[gaps]+sales(?:$|[breaks])"
-- $2 = 101

-- {"field":"title","operator":"phrase","value":{"text":"vice sales","slop":1}}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.title_folded ~ $1
  order by t.id
  limit $2
-- $1 = "(?:^|[breaks])vice[gaps]+(?:[^breaks]+[gaps]+){0,1}sales(?:$|[breaks])"
-- $2 = 101

-- {"field":"title","operator":"phrase","value":{"text":"vice sales","slop":2}}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.title_folded ~ $1
  order by t.id
  limit $2
-- $1 = "(?:^|[breaks])vice[gaps]+(?:[^breaks]+[gaps]+){0,2}sales(?:$|[breaks])"
-- $2 = 101

-- {"field":"title","operator":"phrase","value":{"text":"vice sales marketing","slop":1}}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.title_folded ~ $1
  and phrase_within(t.title_folded, $2::text[], $3::int))
  order by t.id
  limit $4
-- $1 = "(?:^|[breaks])vice[gaps](?:[^text breaks]*[gaps])?sales[gaps](?:[^text breaks]*[gaps])?marketing(?:$|[breaks])"
-- $2 = ["vice","sales","marketing"]
-- $3 = 1
-- $4 = 101

-- {"field":"title","operator":"phrase","value":{"text":"president vice sales","slop":0}}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.title_folded ~ $1
  order by t.id
  limit $2
-- $1 = "(?:^|[breaks])president[gaps]+vice[gaps]+sales(?:$|[breaks])"
-- $2 = 101

-- {"field":"title","operator":"phrase","value":{"text":"president vice sales","slop":1}}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.title_folded ~ $1
  and phrase_within(t.title_folded, $2::text[], $3::int))
  order by t.id
  limit $4
-- $1 = "(?:^|[breaks])president[gaps](?:[^text breaks]*[gaps])?vice[gaps](?:[^text breaks]*[gaps])?sales(?:$|[breaks])"
-- $2 = ["president","vice","sales"]
-- $3 = 1
-- $4 = 101

-- {"field":"title","operator":"phrase","value":"vic"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.title_folded ~ $1
  order by t.id
  limit $2
-- $1 = "(?:^|[breaks])vic(?:$|[breaks])"
-- $2 = 101

-- {"field":"title","operator":"phrase","value":" . "}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  order by t.id
  limit $1
-- $1 = 101
