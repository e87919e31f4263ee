import { Migration } from '@contact360/server';

export class Migration20261121150101_create_accounts extends Migration {
  override up(): void {
    this.addSql(
      `create table "sign_in_failures" ("account" text not null, "address" text not null, "failures" int not null, "since" timestamptz not null, primary key ("account", "address"));`,
    );

    this.addSql(
      `create table "users" ("id" uuid not null, "name" text not null, "email" text not null, "password_hash" text not null, "role" text not null default 'FreeUser', "is_active" boolean not null default true, "job_title" text null, "bio" text null, "timezone" text null, "avatar_url" text null, "notifications" jsonb not null, "last_sign_in_at" timestamptz null, "created_at" timestamptz not null default now(), "updated_at" timestamptz null, primary key ("id"));`,
    );
    this.addSql(`alter table "users" add constraint "users_email_unique" unique ("email");`);

    this.addSql(
      `create table "sessions" ("id" uuid not null, "user_id" uuid not null, "refresh_token_id" uuid not null, "geolocation" jsonb null, "created_at" timestamptz not null default now(), "expires_at" timestamptz not null, "revoked_at" timestamptz null, primary key ("id"));`,
    );
    this.addSql(`create index "sessions_user" on "sessions" ("user_id");`);
    this.addSql(`create index "sessions_expires_at" on "sessions" ("expires_at");`);

    this.addSql(
      `alter table "users" add constraint "users_role_check" check ("role" in ('FreeUser', 'ProUser', 'Admin', 'SuperAdmin'));`,
    );

    this.addSql(
      `alter table "sessions" add constraint "sessions_user_id_foreign" foreign key ("user_id") references "users" ("id") on delete cascade;`,
    );
  }
}
