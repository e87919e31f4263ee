import { Migration } from '@contact360/server';

export class Migration20261121152834_create_admin extends Migration {
  override up(): void {
    this.addSql(
      `create table "api_keys" ("id" uuid not null, "name" text not null, "hash" text not null, "prefix" text not null, "scope" text not null, "created_by" uuid not null, "created_at" timestamptz not null default now(), "last_used_at" timestamptz null, "revoked_at" timestamptz null, primary key ("id"));`,
    );
    this.addSql(`alter table "api_keys" add constraint "api_keys_hash_unique" unique ("hash");`);

    this.addSql(
      `create table "idempotent_requests" ("caller" text not null, "key" text not null, "fingerprint" text not null, "attempt" uuid not null, "leased_until" timestamptz not null, "status" int null, "headers" jsonb null, "body" text null, "created_at" timestamptz not null default now(), primary key ("caller", "key"));`,
    );
    this.addSql(`create index "idempotent_requests_created_at" on "idempotent_requests" ("created_at");`);

    // By hand: its rows change at every request and are worth nothing after a crash. Room in the pages keeps them in place.
    this.addSql(
      `create unlogged table "rate_limits" ("key_id" uuid not null, "full_at" timestamptz not null, primary key ("key_id")) with (fillfactor = 50);`,
    );

    this.addSql(`alter table "api_keys" add constraint "api_keys_scope_check" check ("scope" in ('read', 'write'));`);
  }
}
