-- Passwords of accounts (Argon2id), uploads into a member's incoming folder.

alter table account add column password text;
alter table upload add column incoming integer not null default 0;
