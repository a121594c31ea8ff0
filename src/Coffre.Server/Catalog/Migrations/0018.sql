-- The key that an account may see again, where the operator allows it: sealed under a key that lies outside of the database. Null: never to be seen again.

alter table api_key add column sealed blob;

create index api_key_sealed on api_key (account_id) where sealed is not null;
