-- Deleted accounts: their row stays as a number that is never given out again, all else goes in batches. purged_at: nothing is left.

alter table account add column deleted_at integer;
alter table account add column purged_at integer;

create index account_deleted on account (id) where deleted_at is not null;
