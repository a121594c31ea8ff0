-- Sessions of people who signed in with a password; the second step of a sign-in. last_step is the time step of the last code that was
-- taken: no code is taken twice. totp_secret and totp_waiting are sealed under a key that lies outside of the database.

alter table account add column totp_secret blob;
alter table account add column totp_waiting blob;
alter table account add column totp_last_step integer not null default 0;

create table session (
    account_id integer not null references account(id),
    id integer not null,
    digest blob not null unique,
    created_at integer not null,
    ends_at integer not null,
    fresh_until integer not null,
    last_used_at integer not null,
    last_network text not null,
    last_client text not null,
    primary key (account_id, id)
) without rowid;

-- The password was right, the code is awaited.
create table sign_in_challenge (
    digest blob primary key,
    account_id integer not null references account(id),
    ends_at integer not null,
    tries integer not null default 0
) without rowid;

create index sign_in_challenge_by_end on sign_in_challenge (ends_at);
create index sign_in_challenge_by_account on sign_in_challenge (account_id);

create table recovery_code (
    account_id integer not null references account(id),
    digest blob not null,
    primary key (account_id, digest)
) without rowid;
