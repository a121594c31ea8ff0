-- Folders that an account shares with other accounts. Folder 0 is the owner's root.

create table folder_share (
    account_id integer not null references account(id),
    folder_id integer not null,
    member_id integer not null references account(id),
    may_write integer not null,
    hides_links integer not null,
    created_at integer not null,
    primary key (account_id, folder_id, member_id)
) without rowid;

create index folder_share_by_member on folder_share (member_id, account_id);
