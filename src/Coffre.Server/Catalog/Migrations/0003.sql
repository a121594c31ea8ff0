-- Public pages of folders: the link, the digest of a password, and the one global table that leads from the link to the folder.

alter table folder add column share_link text;
alter table folder add column share_password text;

create table folder_link (
    link text primary key,
    account_id integer not null,
    folder_id integer not null
) without rowid;
