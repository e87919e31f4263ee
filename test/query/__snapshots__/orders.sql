-- []
select t.id, t.created_at as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  order by t.created_at desc, t.id desc
  limit $1
-- $1 = 6
select t.id, t.created_at as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  and (t.created_at, t.id) < ($1::timestamptz, $2::bigint)
  order by t.created_at desc, t.id desc
  limit $3
-- $1 = "2024-01-06 12:00:00+00"
-- $2 = "5"
-- $3 = 3
select t.id, t.created_at as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  and (t.created_at, t.id) > ($1::timestamptz, $2::bigint)
  order by t.created_at, t.id
  limit $3
-- $1 = "2024-01-05 12:00:00+00"
-- $2 = "4"
-- $3 = 3

-- [{"field":"created_at","direction":"asc"}]
select t.id, t.created_at as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  order by t.created_at, t.id
  limit $1
-- $1 = 6
select t.id, t.created_at as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  and (t.created_at, t.id) > ($1::timestamptz, $2::bigint)
  order by t.created_at, t.id
  limit $3
-- $1 = "2024-01-06 12:00:00+00"
-- $2 = "5"
-- $3 = 3
select t.id, t.created_at as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  and (t.created_at, t.id) < ($1::timestamptz, $2::bigint)
  order by t.created_at desc, t.id desc
  limit $3
-- $1 = "2024-01-07 12:00:00+00"
-- $2 = "6"
-- $3 = 3

-- [{"field":"first_name","direction":"asc"}]
select t.id, t.first_name_folded as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  order by t.first_name_folded, t.id
  limit $1
-- $1 = 6
select t.id, t.first_name_folded as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  and (((t.first_name_folded > $1::text
  or t.first_name_folded is null))
  or (t.first_name_folded = $3::text
  and t.id > $2::bigint))
  order by t.first_name_folded, t.id
  limit $4
-- $1 = "frank"
-- $2 = "6"
-- $3 = "frank"
-- $4 = 3
select t.id, t.first_name_folded as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  and ((t.first_name_folded < $1::text)
  or (t.first_name_folded = $3::text
  and t.id < $2::bigint))
  order by t.first_name_folded desc, t.id desc
  limit $4
-- $1 = "grete"
-- $2 = "7"
-- $3 = "grete"
-- $4 = 3

-- [{"field":"title","direction":"asc"}]
select t.id, t.title_folded as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  order by t.title_folded, t.id
  limit $1
-- $1 = 6
select t.id, t.title_folded as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  and (((t.title_folded > $1::text
  or t.title_folded is null))
  or (t.title_folded = $3::text
  and t.id > $2::bigint))
  order by t.title_folded, t.id
  limit $4
-- $1 = "president, vice and sales"
-- $2 = "9"
-- $3 = "president, vice and sales"
-- $4 = 3
select t.id, t.title_folded as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  and ((t.title_folded < $1::text)
  or (t.title_folded = $3::text
  and t.id < $2::bigint))
  order by t.title_folded desc, t.id desc
  limit $4
-- $1 = "vice president of sales"
-- $2 = "2"
-- $3 = "vice president of sales"
-- $4 = 3

-- [{"field":"title","direction":"desc"}]
select *
  from ((select t.id, t.title_folded as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  and t.title_folded is not null
  order by t.title_folded desc, t.id desc
  limit $1) union all (select t.id, t.title_folded as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  and t.title_folded is null
  order by t.title_folded desc, t.id desc
  limit $1)) taken
  order by k0 desc nulls last, k1 desc
  limit $2
-- $1 = 6
-- $2 = 6
select *
  from ((select t.id, t.title_folded as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  and (((t.title_folded < $1::text
  or t.title_folded is null))
  or (t.title_folded = $3::text
  and t.id < $2::bigint))
  and t.title_folded is not null
  order by t.title_folded desc, t.id desc
  limit $4) union all (select t.id, t.title_folded as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  and (((t.title_folded < $1::text
  or t.title_folded is null))
  or (t.title_folded = $3::text
  and t.id < $2::bigint))
  and t.title_folded is null
  order by t.title_folded desc, t.id desc
  limit $4)) taken
  order by k0 desc nulls last, k1 desc
  limit $5
-- $1 = "cto"
-- $2 = "5"
-- $3 = "cto"
-- $4 = 3
-- $5 = 3
select *
  from ((select t.id, t.title_folded as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  and ((t.title_folded > $1::text)
  or (t.title_folded = $3::text
  and t.id > $2::bigint))
  and t.title_folded is not null
  order by t.title_folded, t.id
  limit $4) union all (select t.id, t.title_folded as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  and ((t.title_folded > $1::text)
  or (t.title_folded = $3::text
  and t.id > $2::bigint))
  and t.title_folded is null
  order by t.title_folded, t.id
  limit $4)) taken
  order by k0 nulls first, k1
  limit $5
-- $1 = "cto"
-- $2 = "1"
-- $3 = "cto"
-- $4 = 3
-- $5 = 3

-- [{"field":"seniority","direction":"asc"}]
select t.id, t.seniority_folded as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  order by t.seniority_folded, t.id
  limit $1
-- $1 = 6
select t.id, t.seniority_folded as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  and ((t.seniority_folded is null
  and t.id > $1::bigint))
  order by t.seniority_folded, t.id
  limit $2
-- $1 = "5"
-- $2 = 3
select t.id, t.seniority_folded as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  and ((t.seniority_folded is not null)
  or (t.seniority_folded is null
  and t.id < $1::bigint))
  order by t.seniority_folded desc, t.id desc
  limit $2
-- $1 = "6"
-- $2 = 3

-- [{"field":"seniority","direction":"desc"}]
select *
  from ((select t.id, t.seniority_folded as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  and t.seniority_folded is not null
  order by t.seniority_folded desc, t.id desc
  limit $1) union all (select t.id, t.seniority_folded as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  and t.seniority_folded is null
  order by t.seniority_folded desc, t.id desc
  limit $1)) taken
  order by k0 desc nulls last, k1 desc
  limit $2
-- $1 = 6
-- $2 = 6
select *
  from ((select t.id, t.seniority_folded as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  and ((t.seniority_folded is null
  and t.id < $1::bigint))
  and t.seniority_folded is not null
  order by t.seniority_folded desc, t.id desc
  limit $2) union all (select t.id, t.seniority_folded as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  and ((t.seniority_folded is null
  and t.id < $1::bigint))
  and t.seniority_folded is null
  order by t.seniority_folded desc, t.id desc
  limit $2)) taken
  order by k0 desc nulls last, k1 desc
  limit $3
-- $1 = "9"
-- $2 = 3
-- $3 = 3
select *
  from ((select t.id, t.seniority_folded as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  and ((t.seniority_folded is not null)
  or (t.seniority_folded is null
  and t.id > $1::bigint))
  and t.seniority_folded is not null
  order by t.seniority_folded, t.id
  limit $2) union all (select t.id, t.seniority_folded as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  and ((t.seniority_folded is not null)
  or (t.seniority_folded is null
  and t.id > $1::bigint))
  and t.seniority_folded is null
  order by t.seniority_folded, t.id
  limit $2)) taken
  order by k0 nulls first, k1
  limit $3
-- $1 = "8"
-- $2 = 3
-- $3 = 3

-- [{"field":"seniority","direction":"desc"},{"field":"first_name","direction":"asc"}]
select t.id, t.seniority_folded as k0, t.first_name_folded as k1, t.id as k2
  from contacts t
  where t.deleted_at is null
  order by t.seniority_folded desc nulls last, t.first_name_folded, t.id
  limit $1
-- $1 = 6
select t.id, t.seniority_folded as k0, t.first_name_folded as k1, t.id as k2
  from contacts t
  where t.deleted_at is null
  and ((t.seniority_folded is null
  and (t.first_name_folded > $1::text
  or t.first_name_folded is null))
  or (t.seniority_folded is null
  and t.first_name_folded = $3::text
  and t.id > $2::bigint))
  order by t.seniority_folded desc nulls last, t.first_name_folded, t.id
  limit $4
-- $1 = "frank"
-- $2 = "6"
-- $3 = "frank"
-- $4 = 3
select t.id, t.seniority_folded as k0, t.first_name_folded as k1, t.id as k2
  from contacts t
  where t.deleted_at is null
  and ((t.seniority_folded is not null)
  or (t.seniority_folded is null
  and t.first_name_folded < $1::text)
  or (t.seniority_folded is null
  and t.first_name_folded = $3::text
  and t.id < $2::bigint))
  order by t.seniority_folded nulls first, t.first_name_folded desc, t.id desc
  limit $4
-- $1 = "grete"
-- $2 = "7"
-- $3 = "grete"
-- $4 = 3

-- [{"field":"location","direction":"asc"}]
select t.id, t.location_folded as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  order by t.location_folded, t.id
  limit $1
-- $1 = 6
select t.id, t.location_folded as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  and (((t.location_folded > $1::text
  or t.location_folded is null))
  or (t.location_folded = $3::text
  and t.id > $2::bigint))
  order by t.location_folded, t.id
  limit $4
-- $1 = "toronto, canada"
-- $2 = "2"
-- $3 = "toronto, canada"
-- $4 = 3
select t.id, t.location_folded as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  and ((t.location_folded < $1::text)
  or (t.location_folded = $3::text
  and t.id < $2::bigint))
  order by t.location_folded desc, t.id desc
  limit $4
-- $1 = "ærøskøbing, 日本\u0001aeroskobing, 日本"
-- $2 = "9"
-- $3 = "ærøskøbing, 日本\u0001aeroskobing, 日本"
-- $4 = 3

-- [{"field":"office_phone","direction":"asc"}]
select t.id, fold_text(coalesce(t.corporate_phone, company.phone_number)) collate "C" as k0, t.id as k1
  from contacts t
  left join companies company on company.id = t.company_row
  where t.deleted_at is null
  order by fold_text(coalesce(t.corporate_phone, company.phone_number)) collate "C", t.id
  limit $1
-- $1 = 6
select t.id, fold_text(coalesce(t.corporate_phone, company.phone_number)) collate "C" as k0, t.id as k1
  from contacts t
  left join companies company on company.id = t.company_row
  where t.deleted_at is null
  and ((fold_text(coalesce(t.corporate_phone, company.phone_number)) collate "C" is null
  and t.id > $1::bigint))
  order by fold_text(coalesce(t.corporate_phone, company.phone_number)) collate "C", t.id
  limit $2
-- $1 = "2"
-- $2 = 3
select t.id, fold_text(coalesce(t.corporate_phone, company.phone_number)) collate "C" as k0, t.id as k1
  from contacts t
  left join companies company on company.id = t.company_row
  where t.deleted_at is null
  and ((fold_text(coalesce(t.corporate_phone, company.phone_number)) collate "C" is not null)
  or (fold_text(coalesce(t.corporate_phone, company.phone_number)) collate "C" is null
  and t.id < $1::bigint))
  order by fold_text(coalesce(t.corporate_phone, company.phone_number)) collate "C" desc, t.id desc
  limit $2
-- $1 = "4"
-- $2 = 3

-- [{"field":"office_phone","direction":"desc"}]
select t.id, fold_text(coalesce(t.corporate_phone, company.phone_number)) collate "C" as k0, t.id as k1
  from contacts t
  left join companies company on company.id = t.company_row
  where t.deleted_at is null
  order by fold_text(coalesce(t.corporate_phone, company.phone_number)) collate "C" desc nulls last, t.id desc
  limit $1
-- $1 = 6
select t.id, fold_text(coalesce(t.corporate_phone, company.phone_number)) collate "C" as k0, t.id as k1
  from contacts t
  left join companies company on company.id = t.company_row
  where t.deleted_at is null
  and ((fold_text(coalesce(t.corporate_phone, company.phone_number)) collate "C" is null
  and t.id < $1::bigint))
  order by fold_text(coalesce(t.corporate_phone, company.phone_number)) collate "C" desc nulls last, t.id desc
  limit $2
-- $1 = "8"
-- $2 = 3
select t.id, fold_text(coalesce(t.corporate_phone, company.phone_number)) collate "C" as k0, t.id as k1
  from contacts t
  left join companies company on company.id = t.company_row
  where t.deleted_at is null
  and ((fold_text(coalesce(t.corporate_phone, company.phone_number)) collate "C" is not null)
  or (fold_text(coalesce(t.corporate_phone, company.phone_number)) collate "C" is null
  and t.id > $1::bigint))
  order by fold_text(coalesce(t.corporate_phone, company.phone_number)) collate "C" nulls first, t.id
  limit $2
-- $1 = "7"
-- $2 = 3

-- [{"field":"company.name","direction":"asc"}]
select t.id, t.company_name_folded as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  order by t.company_name_folded, t.id
  limit $1
-- $1 = 6
select t.id, t.company_name_folded as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  and (((t.company_name_folded > $1::text
  or t.company_name_folded is null))
  or (t.company_name_folded = $3::text
  and t.id > $2::bigint))
  order by t.company_name_folded, t.id
  limit $4
-- $1 = "o'neil & söhne_gmbh\u0001o'neil & sohne_gmbh"
-- $2 = "7"
-- $3 = "o'neil & söhne_gmbh\u0001o'neil & sohne_gmbh"
-- $4 = 3
select t.id, t.company_name_folded as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  and ((t.company_name_folded < $1::text)
  or (t.company_name_folded = $3::text
  and t.id < $2::bigint))
  order by t.company_name_folded desc, t.id desc
  limit $4
-- $1 = "société générale\u0001societe generale"
-- $2 = "3"
-- $3 = "société générale\u0001societe generale"
-- $4 = 3

-- [{"field":"company.employees_count","direction":"desc"},{"field":"id","direction":"asc"}]
select t.id, t.company_employees_count as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  order by t.company_employees_count desc nulls last, t.id
  limit $1
-- $1 = 6
select t.id, t.company_employees_count as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  and (((t.company_employees_count < $1::bigint
  or t.company_employees_count is null))
  or (t.company_employees_count = $3::bigint
  and t.id > $2::bigint))
  order by t.company_employees_count desc nulls last, t.id
  limit $4
-- $1 = "50"
-- $2 = "6"
-- $3 = "50"
-- $4 = 3
select t.id, t.company_employees_count as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  and ((t.company_employees_count is not null)
  or (t.company_employees_count is null
  and t.id < $1::bigint))
  order by t.company_employees_count nulls first, t.id desc
  limit $2
-- $1 = "4"
-- $2 = 3

-- [{"field":"company.city","direction":"asc"},{"field":"first_name","direction":"desc"}]
select t.id, company.city_folded as k0, t.first_name_folded as k1, t.id as k2
  from contacts t
  left join companies company on company.id = t.company_row
  where t.deleted_at is null
  order by company.city_folded, t.first_name_folded desc nulls last, t.id desc
  limit $1
-- $1 = 6
select t.id, company.city_folded as k0, t.first_name_folded as k1, t.id as k2
  from contacts t
  left join companies company on company.id = t.company_row
  where t.deleted_at is null
  and (((company.city_folded > $1::text
  or company.city_folded is null))
  or (company.city_folded = $3::text
  and (t.first_name_folded < $2::text
  or t.first_name_folded is null))
  or (company.city_folded = $5::text
  and t.first_name_folded = $6::text
  and t.id < $4::bigint))
  order by company.city_folded, t.first_name_folded desc nulls last, t.id desc
  limit $7
-- $1 = "san josé\u0001san jose"
-- $2 = "frank"
-- $3 = "san josé\u0001san jose"
-- $4 = "6"
-- $5 = "san josé\u0001san jose"
-- $6 = "frank"
-- $7 = 3
select t.id, company.city_folded as k0, t.first_name_folded as k1, t.id as k2
  from contacts t
  left join companies company on company.id = t.company_row
  where t.deleted_at is null
  and ((company.city_folded < $1::text)
  or (company.city_folded = $3::text
  and t.first_name_folded > $2::text)
  or (company.city_folded = $5::text
  and t.first_name_folded = $6::text
  and t.id > $4::bigint))
  order by company.city_folded desc, t.first_name_folded nulls first, t.id
  limit $7
-- $1 = "san josé\u0001san jose"
-- $2 = "ann"
-- $3 = "san josé\u0001san jose"
-- $4 = "1"
-- $5 = "san josé\u0001san jose"
-- $6 = "ann"
-- $7 = 3

-- [{"field":"departments","direction":"asc"}]
select t.id, t.departments_folded as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  order by t.departments_folded, t.id
  limit $1
-- $1 = 6
select t.id, t.departments_folded as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  and ((t.departments_folded is null
  and t.id > $1::bigint))
  order by t.departments_folded, t.id
  limit $2
-- $1 = "4"
-- $2 = 3
select t.id, t.departments_folded as k0, t.id as k1
  from contacts t
  where t.deleted_at is null
  and ((t.departments_folded is not null)
  or (t.departments_folded is null
  and t.id < $1::bigint))
  order by t.departments_folded desc, t.id desc
  limit $2
-- $1 = "5"
-- $2 = 3
