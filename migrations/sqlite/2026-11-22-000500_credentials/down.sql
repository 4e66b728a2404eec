DROP TABLE people;
DROP TABLE credential_revocations;
DROP TABLE credential_scopes;
DROP TABLE credentials;
