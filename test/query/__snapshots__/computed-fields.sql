-- {"field":"location","operator":"eq","value":"san josé, ca, us"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.location_folded = $1
  order by t.id
  limit $2
-- $1 = "san josé, ca, us\u0001san jose, ca, us"
-- $2 = 101

-- {"field":"location","operator":"contains","value":"ontario"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.location_folded like $1
  order by t.id
  limit $2
-- $1 = "%ontario%"
-- $2 = 101

-- {"field":"location","operator":"contains","value":"toronto"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.location_folded like $1
  order by t.id
  limit $2
-- $1 = "%toronto%"
-- $2 = 101

-- {"field":"location","operator":"phrase","value":"jose ca"}
select t.id, t.id as k0
  from contacts t
  where t.deleted_at is null
  and t.location_folded ~ $1
  order by t.id
  limit $2
-- $1 = "(?:^|[breaks])jose[gaps]+ca(?:$|[breaks])"
-- $2 = 101

-- {"field":"office_phone","operator":"eq","value":"+1 555 0101"}
select t.id, t.id as k0
  from contacts t
  left join companies company on company.id = t.company_row
  where t.deleted_at is null
  and fold_text(coalesce(t.corporate_phone, company.phone_number)) collate "C" = $1
  order by t.id
  limit $2
-- $1 = "+1 555 0101"
-- $2 = 101

-- {"field":"office_phone","operator":"contains","value":"+1 555"}
select t.id, t.id as k0
  from contacts t
  left join companies company on company.id = t.company_row
  where t.deleted_at is null
  and fold_text(coalesce(t.corporate_phone, company.phone_number)) collate "C" like $1
  order by t.id
  limit $2
-- $1 = "%+1 555%"
-- $2 = 101

-- {"field":"office_phone","operator":"gt","value":"+1"}
select t.id, t.id as k0
  from contacts t
  left join companies company on company.id = t.company_row
  where t.deleted_at is null
  and fold_text(coalesce(t.corporate_phone, company.phone_number)) collate "C" > $1
  order by t.id
  limit $2
-- $1 = "+1"
-- $2 = 101

-- {"field":"office_phone","operator":"nexists"}
select t.id, t.id as k0
  from contacts t
  left join companies company on company.id = t.company_row
  where t.deleted_at is null
  and (fold_text(coalesce(t.corporate_phone, company.phone_number)) collate "C" is not null) is not true
  order by t.id
  limit $1
-- $1 = 101
