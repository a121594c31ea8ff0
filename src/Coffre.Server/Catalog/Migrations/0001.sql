-- The first form of the catalog. Times are milliseconds since 1970-01-01 UTC. Every tenant table begins with account_id, and a
-- transaction touches one account. Folder 0 is the root of each account and has no row.

create table setting (
    name text primary key,
    value text not null
) without rowid;

create table account (
    id integer primary key,
    email text not null,
    email_key text not null unique,
    tier text not null,
    quota_bytes integer not null,
    used_bytes integer not null default 0,
    reserved_bytes integer not null default 0,
    change_no integer not null default 0,
    suspended integer not null default 0,
    preferences text not null default '{}',
    created_at integer not null
);

create table api_key (
    account_id integer not null references account(id),
    id integer not null,
    digest blob not null unique,
    name text not null,
    hint text not null,
    created_at integer not null,
    revoked_at integer,
    primary key (account_id, id)
) without rowid;

create table folder (
    account_id integer not null references account(id),
    id integer not null,
    parent_id integer not null,
    name text not null,
    created_at integer not null,
    primary key (account_id, id),
    unique (account_id, parent_id, name)
) without rowid;

-- refs counts the files of this account that show these bytes. Bytes are kept once for all accounts that hold a row of them.
create table blob (
    account_id integer not null references account(id),
    id blob not null,
    length integer not null,
    checksum blob not null,
    refs integer not null,
    store text not null,
    created_at integer not null,
    primary key (account_id, id)
) without rowid;

create index blob_by_id on blob (id);

-- Bytes that no row refers to any more; the sweep purges them, then removes the row.
create table blob_purge (
    id blob primary key,
    queued_at integer not null
) without rowid;

create table file (
    account_id integer not null references account(id),
    id integer not null,
    folder_id integer not null,
    name text not null,
    blob_id blob not null,
    link text not null,
    created_at integer not null,
    inline integer not null default 0,
    no_ssl integer not null default 0,
    cdn integer not null default 0,
    description text not null default '',
    password text,
    removal_code text,
    primary key (account_id, id),
    foreign key (account_id, blob_id) references blob (account_id, id)
) without rowid;

create index file_by_folder on file (account_id, folder_id, name);

-- The one global table on the way to the bytes: a public link names its account and file.
create table link (
    link text primary key,
    account_id integer not null,
    file_id integer not null
) without rowid;

-- The right to make one upload, and afterwards its report.
create table upload (
    id text primary key,
    account_id integer,
    created_at integer not null,
    expires_at integer not null,
    finished_at integer
) without rowid;

create index upload_by_expiry on upload (expires_at);
create index upload_open on upload (expires_at) where finished_at is null;

create table upload_file (
    upload_id text not null references upload(id) on delete cascade,
    seq integer not null,
    name text not null,
    link text not null,
    length integer not null,
    checksum blob not null,
    removal_code text,
    primary key (upload_id, seq)
) without rowid;

-- What happened in an account, gapless and in the order of commits.
create table change (
    account_id integer not null references account(id),
    no integer not null,
    kind text not null,
    folder_id integer,
    file_id integer,
    name text,
    at integer not null,
    primary key (account_id, no)
) without rowid;
