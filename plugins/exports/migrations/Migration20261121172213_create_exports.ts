import { Migration } from '@contact360/server';

export class Migration20261121172213_create_exports extends Migration {
  override up(): void {
    this.addSql(
      `create table "exports" ("id" uuid not null, "record" text not null, "format" text not null, "state" text not null, "uuids" uuid[] null, "filter" jsonb null, "total" int null, "done" int not null default 0, "file_key" text null, "message" text null, "run" uuid null, "created_by" uuid not null, "created_at" timestamptz not null default now(), "started_at" timestamptz null, "finished_at" timestamptz null, "expires_at" timestamptz not null, primary key ("id"));`,
    );
    this.addSql(`create index "exports_owner" on "exports" ("created_by", "created_at");`);
  }
}
