import { Migration } from '@contact360/server';

export class Migration20261121145730_create_imports extends Migration {
  override up(): void {
    this.addSql(
      `create table "import_errors" ("job_id" int not null, "row_number" int not null, "code" text not null, "column" text null, "message" text not null, "cells" jsonb not null, primary key ("job_id", "row_number"));`,
    );

    this.addSql(
      `create table "import_jobs" ("id" serial primary key, "uuid" uuid not null, "record" text not null, "state" text not null, "file_name" text not null, "upload_key" text not null, "error_key" text null, "total_rows" int not null default 0, "success_count" int not null default 0, "error_count" int not null default 0, "message" text not null, "format" jsonb null, "header" jsonb null, "checkpoint" jsonb null, "run" uuid null, "created_by" uuid null, "started_at" timestamptz null, "finished_at" timestamptz null, "created_at" timestamptz not null default now(), "updated_at" timestamptz not null default now());`,
    );
    this.addSql(`alter table "import_jobs" add constraint "import_jobs_uuid_unique" unique ("uuid");`);
  }
}
