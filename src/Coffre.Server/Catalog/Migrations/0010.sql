-- FTP: users of an account's drop zone, and files that wait to be processed. A waiting file holds a reference to its bytes.

create table ftp_user (
    name_key text primary key,
    name text not null,
    account_id integer not null references account(id),
    folder_id integer not null,
    password text not null,
    created_at integer not null
) without rowid;

create index ftp_user_by_account on ftp_user (account_id, name_key);

create table ftp_file (
    account_id integer not null references account(id),
    id integer not null,
    folder_id integer not null,
    name text not null,
    blob_id blob not null,
    length integer not null,
    checksum blob not null,
    arrived_at integer not null,
    primary key (account_id, id)
) without rowid;

create index ftp_file_by_age on ftp_file (arrived_at);
