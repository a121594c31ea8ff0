-- Tickets and reports are kept by number. Their ids are random: by id, each finished upload would change pages of its own in two tables.

create table ticket (
    no integer primary key,
    id text not null unique,
    account_id integer,
    created_at integer not null,
    expires_at integer not null,
    finished_at integer,
    incoming integer not null default 0
);

insert into ticket (id, account_id, created_at, expires_at, finished_at, incoming)
select id, account_id, created_at, expires_at, finished_at, incoming from upload order by created_at;

create table report (
    upload_no integer not null references ticket(no) on delete cascade,
    seq integer not null,
    name text not null,
    link text not null,
    length integer not null,
    checksum blob not null,
    removal_code text,
    domain integer not null default 0,
    no_ssl integer not null default 0,
    primary key (upload_no, seq)
) without rowid;

insert into report (upload_no, seq, name, link, length, checksum, removal_code, domain, no_ssl)
select t.no, f.seq, f.name, f.link, f.length, f.checksum, f.removal_code, f.domain, f.no_ssl
from ticket t join upload_file f on f.upload_id = t.id
order by t.no, f.seq;

drop table upload_file;
drop table upload;
alter table ticket rename to upload;
alter table report rename to upload_file;

create index upload_by_expiry on upload (expires_at);
create index upload_open on upload (expires_at) where finished_at is null;
