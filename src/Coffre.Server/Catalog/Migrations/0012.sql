-- Results of virus scans, by content. Mails that wait to be sent, or were sent of late.

create table scan_result (
    blob_id blob primary key,
    virus text,
    scanned_at integer not null
) without rowid;

create index scan_result_by_age on scan_result (scanned_at);

create table mail (
    id integer primary key,
    account_id integer not null references account(id),
    recipient text not null,
    subject text not null,
    body text not null,
    created_at integer not null,
    tries integer not null default 0,
    due_at integer not null,
    sent_at integer
);

create index mail_due on mail (due_at) where sent_at is null;
create index mail_by_account on mail (account_id, created_at);
