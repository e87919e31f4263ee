import { Migration } from '@contact360/server';

export class Migration20261121154737_numbers_from_the_top extends Migration {
  override up(): void {
    this.addSql(
      `create index companies_employees_count_top on companies (employees_count desc nulls last, id desc) where deleted_at is null;`,
    );
    this.addSql(
      `create index companies_annual_revenue_top on companies (annual_revenue desc nulls last, id desc) where deleted_at is null;`,
    );
    this.addSql(
      `create index companies_total_funding_top on companies (total_funding desc nulls last, id desc) where deleted_at is null;`,
    );
    this.addSql(
      `create index companies_latest_funding_amount_top on companies (latest_funding_amount desc nulls last, id desc) where deleted_at is null;`,
    );
  }
}
