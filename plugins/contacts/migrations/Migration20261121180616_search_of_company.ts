import { Migration } from '@contact360/server';

export class Migration20261121180616_search_of_company extends Migration {
  override up(): void {
    // The table is written anew once, and every index with it: an update would write each row into each index.
    this.addSql(
      `create function search_of_company(row_number bigint) returns text language sql stable as $$ select search_folded from companies where id = row_number and deleted_at is null $$;`,
    );
    this.addSql(
      `alter table "contacts" drop column "search_folded", add "company_search_folded" text collate "C" null;`,
    );
    this.addSql(
      `alter table "contacts" alter "company_search_folded" type text collate "C" using search_of_company(company_row), add "search_folded" text generated always as ((fold_list(array_remove(array[first_name, last_name, title, email, city, state, country, linkedin_url], null)) || coalesce(company_search_folded, ''))) stored collate "C" null;`,
    );
    this.addSql(`drop function search_of_company;`);
    this.addSql(
      `create index contacts_search_trigram on contacts using gin (search_folded gin_trgm_ops) where deleted_at is null;`,
    );
  }
}
