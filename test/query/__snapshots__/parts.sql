-- {"field":"title","operator":"contains","value":"cto"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.title_folded like $1
  order by t.id
  limit $2
-- $1 = "%cto%"
-- $2 = 101

-- {"field":"title","operator":"contains","value":"presid"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.title_folded like $1
  order by t.id
  limit $2
-- $1 = "%presid%"
-- $2 = 101

-- {"field":"title","operator":"contains","value":"PRÉSID"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.title_folded like $1
  order by t.id
  limit $2
-- $1 = "%presid%"
-- $2 = 101

-- {"field":"title","operator":"ncontains","value":"presid"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.title_folded like $1) is not true
  order by t.id
  limit $2
-- $1 = "%presid%"
-- $2 = 101

-- {"field":"first_name","operator":"contains","value":"Emile"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.first_name_folded like $1
  order by t.id
  limit $2
-- $1 = "%emile%"
-- $2 = 101

-- {"field":"last_name","operator":"contains","value":"weiss"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.last_name_folded like $1
  order by t.id
  limit $2
-- $1 = "%weiss%"
-- $2 = 101

-- {"field":"last_name","operator":"contains","value":"weiß"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.last_name_folded like $1
  order by t.id
  limit $2
-- $1 = "%weiss%"
-- $2 = 101

-- {"field":"last_name","operator":"contains","value":"angstrom"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.last_name_folded like $1
  order by t.id
  limit $2
-- $1 = "%angstrom%"
-- $2 = 101

-- {"field":"city","operator":"contains","value":"aero"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.city_folded like $1
  order by t.id
  limit $2
-- $1 = "%aero%"
-- $2 = 101

-- {"field":"country","operator":"contains","value":"日"}
explain (format json) select
  from contacts t
  where t.country_folded like $1
-- $1 = "%日%"
select v.folded
  from (select folded, n
  from filters_data
  where record = 'contact'
  and field = 'country' union all select fold_text(value), n
  from filters_deltas
  where record = 'contact'
  and field = 'country') v
  where v.folded like $1
  limit $2
-- $1 = "%日%"
-- $2 = 301
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.country_folded = any($1::text[])
  order by t.id
  limit $2
-- $1 = ["日本"]
-- $2 = 101

-- {"field":"title","operator":"contains","value":"%"}
explain (format json) select
  from contacts t
  where t.title_folded like $1
-- $1 = "%\\%%"
select v.folded
  from (select folded, n
  from filters_data
  where record = 'contact'
  and field = 'title' union all select fold_text(value), n
  from filters_deltas
  where record = 'contact'
  and field = 'title') v
  where v.folded like $1
  limit $2
-- $1 = "%\\%%"
-- $2 = 301
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.title_folded = any($1::text[])
  order by t.id
  limit $2
-- $1 = ["100% owner"]
-- $2 = 101

-- {"field":"title","operator":"contains","value":"0% o"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.title_folded like $1
  order by t.id
  limit $2
-- $1 = "%0\\% o%"
-- $2 = 101

-- {"field":"title","operator":"contains","value":"_"}
explain (format json) select
  from contacts t
  where t.title_folded like $1
-- $1 = "%\\_%"
select v.folded
  from (select folded, n
  from filters_data
  where record = 'contact'
  and field = 'title' union all select fold_text(value), n
  from filters_deltas
  where record = 'contact'
  and field = 'title') v
  where v.folded like $1
  limit $2
-- $1 = "%\\_%"
-- $2 = 301
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.title_folded = any($1::text[])
  order by t.id
  limit $2
-- $1 = ["a_b \\ \"quoted\", c++ / .net"]
-- $2 = 101

-- {"field":"title","operator":"contains","value":"a_b"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.title_folded like $1
  order by t.id
  limit $2
-- $1 = "%a\\_b%"
-- $2 = 101

-- {"field":"title","operator":"contains","value":"axb"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.title_folded like $1
  order by t.id
  limit $2
-- $1 = "%axb%"
-- $2 = 101

-- {"field":"title","operator":"contains","value":"\\"}
explain (format json) select
  from contacts t
  where t.title_folded like $1
-- $1 = "%\\\\%"
select v.folded
  from (select folded, n
  from filters_data
  where record = 'contact'
  and field = 'title' union all select fold_text(value), n
  from filters_deltas
  where record = 'contact'
  and field = 'title') v
  where v.folded like $1
  limit $2
-- $1 = "%\\\\%"
-- $2 = 301
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.title_folded = any($1::text[])
  order by t.id
  limit $2
-- $1 = ["a_b \\ \"quoted\", c++ / .net"]
-- $2 = 101

-- {"field":"title","operator":"contains","value":"\\ \"quoted\""}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.title_folded like $1
  order by t.id
  limit $2
-- $1 = "%\\\\ \"quoted\"%"
-- $2 = 101

-- {"field":"last_name","operator":"contains","value":"'"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.last_name_folded like $1
  order by t.id
  limit $2
-- $1 = "%'%"
-- $2 = 101

-- {"field":"title","operator":"contains","value":","}
explain (format json) select
  from contacts t
  where t.title_folded like $1
-- $1 = "%,%"
select v.folded
  from (select folded, n
  from filters_data
  where record = 'contact'
  and field = 'title' union all select fold_text(value), n
  from filters_deltas
  where record = 'contact'
  and field = 'title') v
  where v.folded like $1
  limit $2
-- $1 = "%,%"
-- $2 = 301
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.title_folded = any($1::text[])
  order by t.id
  limit $2
-- $1 = ["vice-présidente, sales & marketing\u0001vice-presidente, sales & marketing","a_b \\ \"quoted\", c++ / .net","president, vice and sales"]
-- $2 = 101

-- {"field":"title","operator":"contains","value":""}
explain (format json) select
  from contacts t
  where t.title_folded like $1
-- $1 = "%%"
select v.folded
  from (select folded, n
  from filters_data
  where record = 'contact'
  and field = 'title' union all select fold_text(value), n
  from filters_deltas
  where record = 'contact'
  and field = 'title') v
  where v.folded like $1
  limit $2
-- $1 = "%%"
-- $2 = 301
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.title_folded = any($1::text[])
  order by t.id
  limit $2
-- $1 = ["cto","vice president of sales","vice-présidente, sales & marketing\u0001vice-presidente, sales & marketing","vp sales","cto","100% owner","a_b \\ \"quoted\", c++ / .net","president, vice and sales","cto","cto"]
-- $2 = 101

-- {"field":"title","operator":"ncontains","value":""}
explain (format json) select
  from contacts t
  where t.title_folded like $1
-- $1 = "%%"
select v.folded
  from (select folded, n
  from filters_data
  where record = 'contact'
  and field = 'title' union all select fold_text(value), n
  from filters_deltas
  where record = 'contact'
  and field = 'title') v
  where v.folded like $1
  limit $2
-- $1 = "%%"
-- $2 = 301
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and (t.title_folded = any($1::text[])) is not true
  order by t.id
  limit $2
-- $1 = ["cto","vice president of sales","vice-présidente, sales & marketing\u0001vice-presidente, sales & marketing","vp sales","cto","100% owner","a_b \\ \"quoted\", c++ / .net","president, vice and sales","cto","cto"]
-- $2 = 101
