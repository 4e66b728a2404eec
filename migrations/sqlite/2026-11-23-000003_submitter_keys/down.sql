DROP TABLE submitter_keys;
