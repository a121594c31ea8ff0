-- Length and checksum lie in each file's row: what lists, shows or counts files reads one table instead of two.

alter table file add column length integer not null default 0;
alter table file add column checksum blob not null default x'';

update file set (length, checksum) =
    (select b.length, b.checksum from blob b where b.account_id = file.account_id and b.id = file.blob_id);

alter table blob drop column length;
alter table blob drop column checksum;
