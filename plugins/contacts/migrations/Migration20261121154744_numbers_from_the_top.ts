import { Migration } from '@contact360/server';

export class Migration20261121154744_numbers_from_the_top extends Migration {
  override up(): void {
    this.addSql(
      `create index contacts_company_employees_count_top on contacts (company_employees_count desc nulls last, id desc) where deleted_at is null;`,
    );
    this.addSql(
      `create index contacts_company_annual_revenue_top on contacts (company_annual_revenue desc nulls last, id desc) where deleted_at is null;`,
    );
    this.addSql(
      `create index contacts_company_total_funding_top on contacts (company_total_funding desc nulls last, id desc) where deleted_at is null;`,
    );
  }
}
