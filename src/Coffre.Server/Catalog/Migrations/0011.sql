-- Remote uploads: requests, and their URLs one by one. state: waiting, running, done, failed.

create table remote_request (
    account_id integer not null references account(id),
    id integer not null,
    folder_id integer not null,
    headers text not null,
    requested_at integer not null,
    finished_at integer,
    primary key (account_id, id)
) without rowid;

create table remote_url (
    account_id integer not null,
    request_id integer not null,
    seq integer not null,
    url text not null,
    state text not null,
    link text,
    message text not null default '',
    primary key (account_id, request_id, seq),
    foreign key (account_id, request_id) references remote_request (account_id, id) on delete cascade
) without rowid;

create index remote_url_open on remote_url (request_id, seq) where state in ('waiting', 'running');
create index remote_request_by_end on remote_request (finished_at) where finished_at is not null;
