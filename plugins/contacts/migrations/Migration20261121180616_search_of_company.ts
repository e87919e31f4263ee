import { Migration } from '@contact360/server';

export class Migration20261121180616_search_of_company extends Migration {
  override up(): void {
    this.addSql(`alter table "contacts" drop column "search_folded";`);
    this.addSql(`alter table "contacts" add "company_search_folded" text collate "C" null;`);
    // Nothing that is counted or announced changes: the triggers would only append deltas that come to nothing.
    this.addSql(`alter table "contacts" disable trigger user;`);
    this.addSql(
      `update contacts t set company_search_folded = c.search_folded from companies c where c.id = t.company_row and t.deleted_at is null;`,
    );
    this.addSql(`alter table "contacts" enable trigger user;`);
    this.addSql(
      `alter table "contacts" add "search_folded" text generated always as ((fold_list(array_remove(array[first_name, last_name, title, email, city, state, country, linkedin_url], null)) || coalesce(company_search_folded, ''))) stored collate "C" null;`,
    );
    this.addSql(
      `create index contacts_search_trigram on contacts using gin (search_folded gin_trgm_ops) where deleted_at is null;`,
    );
  }
}
