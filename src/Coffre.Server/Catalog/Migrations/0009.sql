-- The domain that links of a file show: 0 is the server's own address, the others are the operator's list.

alter table file add column domain integer not null default 0;
alter table upload_file add column domain integer not null default 0;
alter table upload_file add column no_ssl integer not null default 0;
