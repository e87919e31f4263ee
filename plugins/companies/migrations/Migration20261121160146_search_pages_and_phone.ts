import { Migration } from '@contact360/server';

export class Migration20261121160146_search_pages_and_phone extends Migration {
  override up(): void {
    this.addSql(
      `alter table "companies" add "phone_number_folded" text generated always as (fold_text(phone_number)) stored collate "C" null, add "facebook_url_folded" text generated always as (fold_text(facebook_url)) stored collate "C" null, add "twitter_url_folded" text generated always as (fold_text(twitter_url)) stored collate "C" null;`,
    );
    this.addSql(
      `create index companies_phone_number_trigram on companies using gin (phone_number_folded gin_trgm_ops) where deleted_at is null;`,
    );
    this.addSql(
      `create index companies_facebook_url_trigram on companies using gin (facebook_url_folded gin_trgm_ops) where deleted_at is null;`,
    );
    this.addSql(
      `create index companies_twitter_url_trigram on companies using gin (twitter_url_folded gin_trgm_ops) where deleted_at is null;`,
    );
  }
}
