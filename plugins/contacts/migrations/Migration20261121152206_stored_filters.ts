import { Migration } from '@contact360/server';

export class Migration20261121152206_stored_filters extends Migration {
  override up(): void {
    this.addSql(
      `create trigger contacts_filters_insert after insert on contacts referencing new table as new_rows for each statement execute function append_filter_deltas('contact', 'values (''title'', r.title), (''email_status'', r.email_status), (''seniority'', r.seniority), (''city'', r.city), (''state'', r.state), (''country'', r.country) union all select ''departments'', unnest(r.departments)');`,
    );
    this.addSql(
      `create trigger contacts_filters_update after update on contacts referencing old table as old_rows new table as new_rows for each statement execute function append_filter_deltas('contact', 'values (''title'', r.title), (''email_status'', r.email_status), (''seniority'', r.seniority), (''city'', r.city), (''state'', r.state), (''country'', r.country) union all select ''departments'', unnest(r.departments)');`,
    );
    this.addSql(
      `create trigger contacts_filters_delete after delete on contacts referencing old table as old_rows for each statement execute function append_filter_deltas('contact', 'values (''title'', r.title), (''email_status'', r.email_status), (''seniority'', r.seniority), (''city'', r.city), (''state'', r.state), (''country'', r.country) union all select ''departments'', unnest(r.departments)');`,
    );
  }
}
