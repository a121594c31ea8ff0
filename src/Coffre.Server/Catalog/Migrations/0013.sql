-- What a key may do, where, from where and until when; rotation: a key that replaces another waits for its first use, which ends the
-- old one grace_ms later. scopes are bits: 1 read, 2 write, 4 delete, 8 share, 16 remote, 32 account, 64 admin.

alter table account add column role text not null default 'member';

update account set role = 'owner' where email_key = 'OWNER@LOCALHOST';

alter table api_key add column scopes integer not null default 127;
alter table api_key add column root_id integer not null default 0;
alter table api_key add column networks text not null default '';
alter table api_key add column calls_per_second integer;
alter table api_key add column expires_at integer;
alter table api_key add column replaces integer;
alter table api_key add column grace_ms integer;
alter table api_key add column first_used_at integer;
alter table api_key add column last_used_at integer;
alter table api_key add column last_network text;
alter table api_key add column last_client text;

create index api_key_replaces on api_key (account_id, replaces) where replaces is not null;
