import { Migration } from '@contact360/server';

export class Migration20261121172840_counted_index extends Migration {
  override up(): void {
    this.addSql(
      `create index contacts_counted on contacts (email_status_folded, seniority_folded, stage_folded, country_folded, company_employees_count) where deleted_at is null;`,
    );
  }
}
