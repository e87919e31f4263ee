import { Migration } from '@contact360/server';

export class Migration20261121152204_stored_filters extends Migration {
  override up(): void {
    this.addSql(
      `create trigger companies_filters_insert after insert on companies referencing new table as new_rows for each statement execute function append_filter_deltas('company', 'values (''city'', r.city), (''state'', r.state), (''country'', r.country) union all select ''industries'', unnest(r.industries) union all select ''keywords'', unnest(r.keywords) union all select ''technologies'', unnest(r.technologies)');`,
    );
    this.addSql(
      `create trigger companies_filters_update after update on companies referencing old table as old_rows new table as new_rows for each statement execute function append_filter_deltas('company', 'values (''city'', r.city), (''state'', r.state), (''country'', r.country) union all select ''industries'', unnest(r.industries) union all select ''keywords'', unnest(r.keywords) union all select ''technologies'', unnest(r.technologies)');`,
    );
    this.addSql(
      `create trigger companies_filters_delete after delete on companies referencing old table as old_rows for each statement execute function append_filter_deltas('company', 'values (''city'', r.city), (''state'', r.state), (''country'', r.country) union all select ''industries'', unnest(r.industries) union all select ''keywords'', unnest(r.keywords) union all select ''technologies'', unnest(r.technologies)');`,
    );
  }
}
