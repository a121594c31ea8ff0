-- The audit log: entries that are only ever added, each chained to the one before by a MAC whose secret lies outside of the database.
-- account_id is no foreign key: what an account did outlives it.

create table audit (
    no integer primary key,
    account_id integer,
    body text not null,
    mac blob not null
);

create index audit_by_account on audit (account_id, no);

create trigger audit_is_not_changed before update on audit begin select raise(abort, 'the audit log is only added to'); end;
create trigger audit_is_not_deleted before delete on audit begin select raise(abort, 'the audit log is only added to'); end;

-- The networks that each key was used from, so that a new one is noticed.

create table key_network (
    account_id integer not null,
    key_id integer not null,
    network text not null,
    primary key (account_id, key_id, network)
) without rowid;

insert into key_network (account_id, key_id, network)
select account_id, id, last_network from api_key where last_network is not null;
