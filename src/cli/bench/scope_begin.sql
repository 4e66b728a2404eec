-- The working tables of a scope, made anew. Level 0 is the items.
DROP TABLE IF EXISTS scope_units;
DROP TABLE IF EXISTS scope_last;
DROP TABLE IF EXISTS scope_answers;

CREATE TEMPORARY TABLE scope_units (unit BIGINT PRIMARY KEY, level INTEGER NOT NULL);
