import { Migration } from '@contact360/server';

export class Migration20261121160100_announce_changes extends Migration {
  override up(): void {
    this.addSql(
      `create trigger companies_announce after insert or update or delete on companies for each statement execute function announce_change()`,
    );
  }
}
