import { Migration } from '@contact360/server';

export class Migration20261121171629_changes_and_undo extends Migration {
  override up(): void {
    this.addSql(
      `create table "import_changes" ("journal" int not null, "record" text not null, "id" bigint not null, "note" int null, "changes" jsonb null, primary key ("journal", "record", "id"));`,
    );

    this.addSql(
      `create table "import_merges" ("job_id" int not null, "row_number" int not null, "earlier_row" int not null, "uuid" uuid not null, "name" text not null, "earlier_name" text not null, primary key ("job_id", "row_number"));`,
    );

    this.addSql(
      `create table "import_uploads" ("key" text not null, "content_hash" text null, "created_at" timestamptz not null default now(), primary key ("key"));`,
    );

    this.addSql(
      `alter table "import_jobs" add "created_count" int not null default 0, add "updated_count" int not null default 0, add "unchanged_count" int not null default 0, add "companies_created" int not null default 0, add "companies_updated" int not null default 0, add "merged_count" int not null default 0, add "dry_run" boolean not null default false, add "mapping" jsonb null, add "differences" jsonb null, add "content_hash" text null, add "duplicate_of" uuid null, add "undo" jsonb null, add "tidied" boolean not null default false;`,
    );
    this.addSql(`create index "import_jobs_content_hash_index" on "import_jobs" ("content_hash");`);
  }
}
