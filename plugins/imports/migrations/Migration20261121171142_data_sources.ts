import { Migration } from '@contact360/server';

export class Migration20261121171142_data_sources extends Migration {
  override up(): void {
    this.addSql(`alter table "import_jobs" add "media_type" text null, add "source" text null;`);
  }
}
