import { Migration } from '@contact360/server';

export class Migration20261121160151_company_id_index extends Migration {
  override up(): void {
    this.addSql(`create index contacts_company_id_key on contacts (company_id, id) where deleted_at is null;`);
  }
}
