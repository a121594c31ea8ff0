-- Access rules of files (JSON, null: none), and locks given for flooding, which outlive a restart.

alter table file add column acl text;

create table flood_lock (
    subject text primary key,
    kind text not null,
    until integer not null
) without rowid;
