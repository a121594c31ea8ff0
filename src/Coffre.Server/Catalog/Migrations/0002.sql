-- Access rules of files: JSON, null for none.

alter table file add column acl text;
