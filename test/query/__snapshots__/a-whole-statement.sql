select t.id, t.uuid, t.created_at, t.updated_at, t.first_name, t.last_name, t.title, t.email, t.email_status, t.primary_email_catch_all_status, t.seniority, t.departments, t.work_direct_phone, t.home_phone, t.mobile_phone, t.corporate_phone, t.other_phone, t.stage, t.linkedin_url, t.facebook_url, t.twitter_url, t.website, t.city, t.state, t.country, t.text_search, t.company_id, t.meta_data, coalesce(t.text_search, join_text(t.city, t.state, t.country)), coalesce(t.corporate_phone, company.phone_number), company.id, company.uuid, company.created_at, company.updated_at, company.name, company.company_name_for_emails, company.employees_count, company.industries, company.keywords, company.technologies, company.address, company.text_search, company.city, company.state, company.country, company.phone_number, company.website, company.normalized_domain, company.linkedin_url, company.linkedin_sales_url, company.facebook_url, company.twitter_url, company.annual_revenue, company.total_funding, company.latest_funding, company.latest_funding_amount, company.last_raised_at, company.meta_data, coalesce(company.text_search, join_text(company.address, company.city, company.state, company.country)), page.k0::text, page.k1::text
from (select *
from ((select t.id, t.company_name_folded as k0, t.id as k1
from contacts t
where t.deleted_at is null and (t.title_folded is not null and t.company_row in (select company.id
from companies company
where company.deleted_at is null and (company.city_folded = $1))) and t.company_name_folded is not null
order by t.company_name_folded desc, t.id desc limit $3) union all (select t.id, t.company_name_folded as k0, t.id as k1
from contacts t
where t.deleted_at is null and (t.title_folded is not null and t.company_row in (select company.id
from companies company
where company.deleted_at is null and (company.city_folded = $1))) and t.company_name_folded is null
order by t.company_name_folded desc, t.id desc limit $3)) taken
order by k0 desc nulls last, k1 desc limit $4 offset $2) page join contacts t on t.id = page.id
left join companies company on company.id = t.company_row
order by page.k0 desc nulls last, page.k1 desc
