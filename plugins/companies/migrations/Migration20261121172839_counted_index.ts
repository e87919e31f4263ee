import { Migration } from '@contact360/server';

export class Migration20261121172839_counted_index extends Migration {
  override up(): void {
    this.addSql(
      `create index companies_counted on companies (employees_count, country_folded) where deleted_at is null;`,
    );
  }
}
