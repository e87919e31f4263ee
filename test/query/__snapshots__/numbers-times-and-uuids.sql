-- {"field":"id","operator":"in","value":[1,3,1.5,9223372036854776000]}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.id = any($1::bigint[])
  order by t.id
  limit $2
-- $1 = ["1","3"]
-- $2 = 101

-- {"field":"id","operator":"lt","value":2.5}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.id <= $1::bigint
  order by t.id
  limit $2
-- $1 = "2"
-- $2 = 101

-- {"field":"id","operator":"gte","value":7.5}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.id > $1::bigint
  order by t.id
  limit $2
-- $1 = "7"
-- $2 = 101

-- {"field":"id","operator":"eq","value":2.5}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and false
  order by t.id
  limit $1
-- $1 = 101

-- {"field":"id","operator":"ne","value":2.5}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (false) is not true
  order by t.id
  limit $1
-- $1 = 101

-- {"field":"id","operator":"gt","value":-1e+300}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.id is not null
  order by t.id
  limit $1
-- $1 = 101

-- {"field":"id","operator":"gt","value":1e+300}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and false
  order by t.id
  limit $1
-- $1 = 101

-- {"field":"created_at","operator":"lt","value":"2024-01-03"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.created_at < $1::timestamptz
  order by t.id
  limit $2
-- $1 = "2024-01-03T00:00:00.000000Z"
-- $2 = 101

-- {"field":"created_at","operator":"eq","value":"2024-01-02T13:00:00+01:00"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.created_at = $1::timestamptz
  order by t.id
  limit $2
-- $1 = "2024-01-02T12:00:00.000000Z"
-- $2 = 101

-- {"field":"created_at","operator":"gte","value":"2024-01-09 12:00"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.created_at >= $1::timestamptz
  order by t.id
  limit $2
-- $1 = "2024-01-09T12:00:00.000000Z"
-- $2 = 101

-- {"field":"created_at","operator":"gt","value":"2024-01-09T12:00:00.000001Z"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.created_at > $1::timestamptz
  order by t.id
  limit $2
-- $1 = "2024-01-09T12:00:00.000001Z"
-- $2 = 101

-- {"field":"uuid","operator":"eq","value":"00000000-0000-4000-8000-000000000002"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.uuid = $1::uuid
  order by t.id
  limit $2
-- $1 = "00000000-0000-4000-8000-000000000002"
-- $2 = 101

-- {"field":"uuid","operator":"in","value":["00000000000040008000000000000002","00000000-0000-4000-8000-000000000010"]}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.uuid = any($1::uuid[])
  order by t.id
  limit $2
-- $1 = ["00000000-0000-4000-8000-000000000002","00000000-0000-4000-8000-000000000010"]
-- $2 = 101

-- {"field":"company_id","operator":"eq","value":"00000000-0000-4000-8000-000000000100"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.company_id = $1::uuid
  order by t.id
  limit $2
-- $1 = "00000000-0000-4000-8000-000000000100"
-- $2 = 101

-- {"field":"company_id","operator":"ne","value":"00000000-0000-4000-8000-000000000100"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.company_id = $1::uuid) is not true
  order by t.id
  limit $2
-- $1 = "00000000-0000-4000-8000-000000000100"
-- $2 = 101

-- {"field":"company_id","operator":"nexists"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.company_id is not null) is not true
  order by t.id
  limit $1
-- $1 = 101
