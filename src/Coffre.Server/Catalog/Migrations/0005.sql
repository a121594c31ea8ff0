-- Tiers that end, locks that outlive a restart, vouchers.

alter table account add column tier_until integer;

-- subject is what the lock is on: a network for 'address', an account for 'user', account and key for 'key'. scope is the call that is
-- refused, or '*' for all of them.
create table flood_lock (
    kind text not null,
    subject text not null,
    scope text not null,
    code text not null,
    locked_at integer not null,
    ends_at integer not null,
    primary key (kind, subject, scope)
) without rowid;

create index flood_lock_by_end on flood_lock (ends_at);

create table voucher (
    code text primary key,
    holder_id integer references account(id),
    tier text not null,
    days integer not null,
    made_at integer not null,
    expires_at integer,
    revoked_at integer,
    used_at integer,
    used_by integer references account(id)
) without rowid;

create index voucher_by_holder on voucher (holder_id, made_at);
