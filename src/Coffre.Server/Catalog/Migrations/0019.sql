-- What a mail carries to prove that its address is read: one live at a time of each kind for an account, or for an address without one.
-- Invitations to sign up; made_by is null for the operator.

create table letter (
    digest blob primary key,
    kind text not null,
    account_id integer references account(id),
    email text not null,
    email_key text not null,
    invitation_id integer,
    ends_at integer not null
) without rowid;

create index letter_by_account on letter (account_id, kind);
create index letter_by_email on letter (email_key, kind);
create index letter_by_end on letter (ends_at);

create table invitation (
    id integer primary key,
    digest blob not null unique,
    email text,
    made_by integer references account(id),
    made_at integer not null,
    ends_at integer not null,
    revoked_at integer,
    used_at integer,
    used_by integer references account(id)
);
